using System.Buffers;
using Microsoft.Extensions.Options;

namespace KvSessions.Stores.Redis;

internal sealed class RedisStoreOptionsValidator : IValidateOptions<RedisStoreOptions>
{
    private const int LongestPrefix = 100;

    // No slash: it ends the prefix, so that no prefix with what follows it reads like another prefix.
    private static readonly SearchValues<char> InPrefix =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._-{}");

    public ValidateOptionsResult Validate(string? name, RedisStoreOptions options) =>
        Objection(options) is { } objection ? ValidateOptionsResult.Fail(objection) : ValidateOptionsResult.Success;

    public static void ThrowIfInvalid(RedisStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (Objection(options) is { } objection)
        {
            throw new ArgumentException(objection, nameof(options));
        }
    }

    /// <summary>Says why it is no prefix; <see langword="null"/> if it is one.</summary>
    public static string? ObjectionToPrefix(string? prefix) =>
        prefix is { Length: >= 1 and <= LongestPrefix } && !prefix.AsSpan().ContainsAnyExcept(InPrefix)
            ? null
            : $"{nameof(RedisStoreOptions.KeyPrefix)} must have 1 to {LongestPrefix} characters, and no others than letters and digits of ASCII and : . _ - {{ }}.";

    private static string? Objection(RedisStoreOptions options) => ObjectionToPrefix(options.KeyPrefix);
}
