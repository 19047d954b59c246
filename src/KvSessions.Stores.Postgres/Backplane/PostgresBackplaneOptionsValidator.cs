using System.Buffers;
using Microsoft.Extensions.Options;

namespace KvSessions.Stores.Postgres;

internal sealed class PostgresBackplaneOptionsValidator : IValidateOptions<PostgresBackplaneOptions>
{
    private static readonly SearchValues<char> InChannel =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.");

    public ValidateOptionsResult Validate(string? name, PostgresBackplaneOptions options) => Failures(options).ToResult();

    public static void ThrowIfInvalid(PostgresBackplaneOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Failures(options).ThrowIfAny(nameof(options));
    }

    private static IEnumerable<string> Failures(PostgresBackplaneOptions options)
    {
        if (options.ConnectionString is null == options.DataSource is null)
        {
            yield return $"The backplane needs either {nameof(options.ConnectionString)} or {nameof(options.DataSource)}, and not both.";
        }

        foreach (var (option, text) in new[] { (nameof(options.ConnectionString), options.ConnectionString), (nameof(options.ListenConnectionString), options.ListenConnectionString) })
        {
            if (text is not null && ConnectionText.Objection(text, option) is { } objection)
            {
                yield return objection;
            }
        }

        if (options.Channel is { } channel && (channel.Length is < 1 or > ChannelName.Longest || channel.AsSpan().ContainsAnyExcept(InChannel)))
        {
            yield return $"{nameof(options.Channel)} must be one to {ChannelName.Longest} ASCII letters, digits, points and underscores.";
        }
    }
}
