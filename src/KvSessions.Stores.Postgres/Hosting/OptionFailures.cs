using Microsoft.Extensions.Options;

namespace KvSessions.Stores.Postgres;

/// <summary>What is wrong with options, as the host hears of it and as a constructor says it.</summary>
internal static class OptionFailures
{
    public static ValidateOptionsResult ToResult(this IEnumerable<string> failures) =>
        failures.ToList() is { Count: > 0 } all ? ValidateOptionsResult.Fail(all) : ValidateOptionsResult.Success;

    /// <exception cref="ArgumentException">There are failures.</exception>
    public static void ThrowIfAny(this IEnumerable<string> failures, string parameter)
    {
        if (failures.ToList() is { Count: > 0 } all)
        {
            throw new ArgumentException(string.Join(" ", all), parameter);
        }
    }
}
