using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KvSessions;

internal sealed class KvSessionsOptionsValidator(IServiceProviderIsService services) : IValidateOptions<KvSessionsOptions>
{
    public ValidateOptionsResult Validate(string? name, KvSessionsOptions options)
    {
        var failures = Failures(options).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private IEnumerable<string> Failures(KvSessionsOptions options)
    {
        if (!services.IsService(typeof(ISessionStore)))
        {
            yield return "No session store is registered: add one after AddKvSessions(), for example .AddMemoryStore() or .AddSqliteStore(\"sessions.db\").";
        }

        if (IsOutside(options.IdleTimeout, SessionExpiry.Longest))
        {
            yield return Outside(nameof(options.IdleTimeout), options.IdleTimeout, SessionExpiry.Longest);
        }

        if (IsOutside(options.AbsoluteTimeout, SessionExpiry.Longest))
        {
            yield return Outside(nameof(options.AbsoluteTimeout), options.AbsoluteTimeout, SessionExpiry.Longest);
        }

        if (options.IdleTimeout is null && options.AbsoluteTimeout is null)
        {
            yield return $"{nameof(options.IdleTimeout)} and {nameof(options.AbsoluteTimeout)} are both null: sessions would never end.";
        }

        if (options.TouchFraction is not (> 0 and <= 0.5))
        {
            yield return $"{nameof(options.TouchFraction)} is {options.TouchFraction}; it must be more than 0 and at most 0.5.";
        }

        if (IsOutside(options.OperationTimeout, TimeSpan.FromMinutes(1)))
        {
            yield return Outside(nameof(options.OperationTimeout), options.OperationTimeout, TimeSpan.FromMinutes(1));
        }

        if (options.SweepInterval is { } interval && (interval < TimeSpan.FromSeconds(1) || interval > TimeSpan.FromDays(1)))
        {
            yield return $"{nameof(options.SweepInterval)} is {interval}; it must be from 1 second to 1 day, or null.";
        }

        if (options.SweepBatchSize is < 1 or > 100_000)
        {
            yield return $"{nameof(options.SweepBatchSize)} is {options.SweepBatchSize}; it must be from 1 to 100,000.";
        }

        if (options.MaxSessionsPerSubject < 1)
        {
            yield return $"{nameof(options.MaxSessionsPerSubject)} is {options.MaxSessionsPerSubject}; it must be at least 1, or null.";
        }

        if (!Enum.IsDefined(options.SubjectLimitRule))
        {
            yield return $"{nameof(options.SubjectLimitRule)} is {options.SubjectLimitRule}, which is none of its values.";
        }

        foreach (var (limit, value) in Limits(options.Limits))
        {
            if (value < 1)
            {
                yield return $"{nameof(options.Limits)}.{limit} is {value}; it must be at least 1.";
            }
        }
    }

    private static IEnumerable<(string Name, int Value)> Limits(SessionLimits limits) =>
    [
        (nameof(limits.MaxKeys), limits.MaxKeys),
        (nameof(limits.MaxKeyBytes), limits.MaxKeyBytes),
        (nameof(limits.MaxValueBytes), limits.MaxValueBytes),
        (nameof(limits.MaxTotalBytes), limits.MaxTotalBytes),
    ];

    private static bool IsOutside(TimeSpan? value, TimeSpan longest) => value <= TimeSpan.Zero || value > longest;

    private static string Outside(string option, TimeSpan? value, TimeSpan longest) =>
        $"{option} is {value}; it must be more than zero and at most {longest}.";
}
