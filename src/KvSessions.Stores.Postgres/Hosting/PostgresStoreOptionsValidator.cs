using System.Buffers;
using Microsoft.Extensions.Options;

namespace KvSessions.Stores.Postgres;

internal sealed class PostgresStoreOptionsValidator : IValidateOptions<PostgresStoreOptions>
{
    // https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS: longer names are cut off.
    private const int LongestSchema = 63;

    // Leaves room for what the indexes are called.
    private const int LongestTable = 40;

    private static readonly TimeSpan ShortestConnectTimeout = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestConnectTimeout = TimeSpan.FromMinutes(1);
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    public ValidateOptionsResult Validate(string? name, PostgresStoreOptions options) => Failures(options).ToResult();

    public static void ThrowIfInvalid(PostgresStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Failures(options).ThrowIfAny(nameof(options));
    }

    public static void ThrowIfInvalidNames(PostgresStoreOptions options) => NameFailures(options).ThrowIfAny(nameof(options));

    private static IEnumerable<string> Failures(PostgresStoreOptions options)
    {
        if (options.ConnectionString is null == options.DataSource is null)
        {
            yield return $"Either {nameof(options.ConnectionString)} or {nameof(options.DataSource)} must be set, and not both.";
        }
        else if ((options.DataSource is { } source
            ? ConnectionText.Objection(source.ConnectionString, nameof(options.DataSource))
            : ConnectionText.Objection(options.ConnectionString!)) is { } objection)
        {
            yield return objection;
        }

        if (options.ConnectTimeout < ShortestConnectTimeout || options.ConnectTimeout > LongestConnectTimeout)
        {
            yield return $"{nameof(options.ConnectTimeout)} is {options.ConnectTimeout}; it must be from {ShortestConnectTimeout} to {LongestConnectTimeout}.";
        }

        foreach (var failure in NameFailures(options))
        {
            yield return failure;
        }
    }

    private static IEnumerable<string> NameFailures(PostgresStoreOptions options)
    {
        if (!IsName(options.Schema, LongestSchema))
        {
            yield return $"{nameof(options.Schema)} must be one to {LongestSchema} ASCII letters, digits and underscores, no digit first.";
        }

        if (!IsName(options.Table, LongestTable))
        {
            yield return $"{nameof(options.Table)} must be one to {LongestTable} ASCII letters, digits and underscores, no digit first.";
        }
    }

    private static bool IsName(string? name, int longest) =>
        !string.IsNullOrEmpty(name)
        && name.Length <= longest
        && !char.IsAsciiDigit(name[0])
        && !name.AsSpan().ContainsAnyExcept(NameCharacters);
}
