using Microsoft.Extensions.Options;

namespace KvSessions;

/// <summary>
/// Sees to it that the store can keep the limit of sessions per subject, if there is one: better at the start than at the first sign-in.
/// The validator of the options cannot ask, for a store may be made of them.
/// </summary>
internal sealed class SubjectLimitCheck(Lazy<ISessionStore> store, IOptions<KvSessionsOptions> options) : StartupStep
{
    public override Task StartingAsync(CancellationToken cancellationToken)
    {
        const string Option = nameof(KvSessionsOptions.MaxSessionsPerSubject);
        if (options.Value.MaxSessionsPerSubject is { } maximum && store.Value is not ISubjectLimitStore)
        {
            throw new OptionsValidationException(
                Options.DefaultName,
                typeof(KvSessionsOptions),
                [$"{Option} is {maximum}, which needs a store that is an {nameof(ISubjectLimitStore)}; {StoreChain.StoreOf(store.Value).GetType().Name} is not. Leave {Option} out, or use another store."]);
        }

        return Task.CompletedTask;
    }
}
