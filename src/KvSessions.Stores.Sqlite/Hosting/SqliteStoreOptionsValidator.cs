using Microsoft.Extensions.Options;

namespace KvSessions.Stores.Sqlite;

internal sealed class SqliteStoreOptionsValidator : IValidateOptions<SqliteStoreOptions>
{
    private const int MostReaders = 1_000;
    private static readonly TimeSpan LongestBusyTimeout = TimeSpan.FromMinutes(1);

    public ValidateOptionsResult Validate(string? name, SqliteStoreOptions options)
    {
        var failures = Failures(options).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    public static void ThrowIfInvalid(SqliteStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (Failures(options).ToList() is { Count: > 0 } failures)
        {
            throw new ArgumentException(string.Join(" ", failures), nameof(options));
        }
    }

    private static IEnumerable<string> Failures(SqliteStoreOptions options)
    {
        if (DatabaseFile.Objection(options.DataSource) is { } objection)
        {
            yield return objection;
        }

        if (!Enum.IsDefined(options.Synchronous))
        {
            yield return $"{nameof(options.Synchronous)} is {options.Synchronous}; it must be {SqliteSynchronous.Full} or {SqliteSynchronous.Normal}.";
        }

        if (options.BusyTimeout < TimeSpan.Zero || options.BusyTimeout > LongestBusyTimeout)
        {
            yield return $"{nameof(options.BusyTimeout)} is {options.BusyTimeout}; it must be from zero to {LongestBusyTimeout}.";
        }

        if (options.MaxReaders is < 1 or > MostReaders)
        {
            yield return $"{nameof(options.MaxReaders)} is {options.MaxReaders}; it must be from 1 to {MostReaders}.";
        }
    }
}
