using Microsoft.Extensions.Options;

namespace KvSessions;

internal sealed class SharedCacheOptionsValidator : IValidateOptions<SharedCacheOptions>
{
    public ValidateOptionsResult Validate(string? name, SharedCacheOptions options)
    {
        var failures = Failures(options).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    public static void ThrowIfInvalid(SharedCacheOptions options)
    {
        if (Failures(options).FirstOrDefault() is { } failure)
        {
            throw new ArgumentException(failure, nameof(options));
        }
    }

    private static IEnumerable<string> Failures(SharedCacheOptions options)
    {
        if (options.MaxStaleness < TimeSpan.FromSeconds(1) || options.MaxStaleness > TimeSpan.FromDays(1))
        {
            yield return $"{nameof(SharedCacheOptions)}.{nameof(options.MaxStaleness)} is {options.MaxStaleness}; it must be from 1 second to 1 day.";
        }

        if (options.SoftDeadline < TimeSpan.FromMilliseconds(1) || options.SoftDeadline > TimeSpan.FromSeconds(10))
        {
            yield return $"{nameof(SharedCacheOptions)}.{nameof(options.SoftDeadline)} is {options.SoftDeadline}; it must be from 1 millisecond to 10 seconds.";
        }
    }
}
