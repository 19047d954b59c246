using Microsoft.Extensions.Options;

namespace KvSessions.Stores.Memory;

internal sealed class MemoryStoreOptionsValidator : IValidateOptions<MemoryStoreOptions>
{
    private const int Most = 100_000_000;

    public ValidateOptionsResult Validate(string? name, MemoryStoreOptions options) =>
        options.MaxSessions is >= 1 and <= Most
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{nameof(MemoryStoreOptions)}.{nameof(options.MaxSessions)} is {options.MaxSessions}; it must be from 1 to {Most}.");
}
