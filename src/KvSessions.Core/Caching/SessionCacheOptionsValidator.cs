using Microsoft.Extensions.Options;

namespace KvSessions;

internal sealed class SessionCacheOptionsValidator : IValidateOptions<SessionCacheOptions>
{
    private const int LeastEntries = 10;
    private const int MostEntries = 10_000_000;
    private const long LeastBytes = 64 * 1024;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, SessionCacheOptions options)
    {
        var failures = Failures(options).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    public static void ThrowIfInvalid(SessionCacheOptions options)
    {
        if (Failures(options).FirstOrDefault() is { } failure)
        {
            throw new ArgumentException(failure, nameof(options));
        }
    }

    private static IEnumerable<string> Failures(SessionCacheOptions options)
    {
        if (IsOutside(options.MaxStaleness))
        {
            yield return Outside(nameof(options.MaxStaleness), options.MaxStaleness);
        }

        if (options.MaxEntries is < LeastEntries or > MostEntries)
        {
            yield return $"{nameof(SessionCacheOptions)}.{nameof(options.MaxEntries)} is {options.MaxEntries}; it must be from {LeastEntries} to {MostEntries}.";
        }

        if (options.MaxBytes < LeastBytes)
        {
            yield return $"{nameof(SessionCacheOptions)}.{nameof(options.MaxBytes)} is {options.MaxBytes}; it must be at least {LeastBytes}.";
        }

        if (IsOutside(options.ServeStaleWhenUnavailable))
        {
            yield return Outside(nameof(options.ServeStaleWhenUnavailable), options.ServeStaleWhenUnavailable);
        }
    }

    private static bool IsOutside(TimeSpan value) => value < TimeSpan.Zero || value > Longest;

    private static string Outside(string option, TimeSpan value) =>
        $"{nameof(SessionCacheOptions)}.{option} is {value}; it must be from zero to {Longest}.";
}
