using Microsoft.Extensions.Options;

namespace KvSessions.Stores.Redis;

internal sealed class RedisBackplaneOptionsValidator : IValidateOptions<RedisBackplaneOptions>
{
    public ValidateOptionsResult Validate(string? name, RedisBackplaneOptions options) =>
        options.KeyPrefix is { } prefix && RedisStoreOptionsValidator.ObjectionToPrefix(prefix) is { } objection
            ? ValidateOptionsResult.Fail(objection)
            : ValidateOptionsResult.Success;
}
