using Microsoft.Extensions.Options;

namespace KvSessions.Stores.Memory;

internal sealed class ActorStoreOptionsValidator : IValidateOptions<ActorStoreOptions>
{
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(1);

    public ValidateOptionsResult Validate(string? name, ActorStoreOptions options) =>
        options.ReplyTimeout > TimeSpan.Zero && options.ReplyTimeout <= Most
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{nameof(ActorStoreOptions)}.{nameof(options.ReplyTimeout)} is {options.ReplyTimeout}; it must be more than zero and at most {Most}.");
}
