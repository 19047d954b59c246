using System.Globalization;

namespace KvSessions.Bench;

/// <summary>The arguments of the command line, written <c>--name=value</c>.</summary>
internal sealed record Options
{
    /// <summary>The subject to be, in this process; <see langword="null"/> to run the comparison.</summary>
    public string? Serve { get; private init; }

    /// <summary>Where to listen.</summary>
    public string Urls { get; private init; } = "http://127.0.0.1:0";

    /// <summary>The directory of the database files; one of its own under that for temporary files by default.</summary>
    public string Directory { get; private init; } = Path.Combine(Path.GetTempPath(), $"kvsessions-bench-{Environment.ProcessId}");

    /// <summary>A Redis server to use; empty to start one for those subjects that need it.</summary>
    public string Redis { get; init; } = "";

    /// <summary>A Postgres server to use, with a user who may create tables; empty to start one for those subjects that need it.</summary>
    public string Postgres { get; init; } = "";

    /// <summary>How often each measurement is made. The tables show medians.</summary>
    public int Rounds { get; private init; } = 7;

    /// <summary>How long each measurement takes.</summary>
    public int Seconds { get; private init; } = 3;

    /// <summary>The subjects to compare; all if empty.</summary>
    public IReadOnlyList<string> Only { get; private init; } = [];

    public static Options Parse(string[] args) => args.Aggregate(new Options(), static (options, argument) => options.With(argument));

    private Options With(string argument)
    {
        var parts = argument.Split('=', 2);
        var value = parts.Length == 2 ? parts[1] : throw new ArgumentException($"'{argument}' is not of the form --name=value.");
        return parts[0] switch
        {
            "--serve" => this with { Serve = value },
            "--urls" => this with { Urls = value },
            "--directory" => this with { Directory = value },
            "--redis" => this with { Redis = value },
            "--postgres" => this with { Postgres = value },
            "--rounds" => this with { Rounds = int.Parse(value, CultureInfo.InvariantCulture) },
            "--seconds" => this with { Seconds = int.Parse(value, CultureInfo.InvariantCulture) },
            "--only" => this with { Only = value.Split(',') },
            _ => throw new ArgumentException($"There is no argument '{parts[0]}'."),
        };
    }
}
