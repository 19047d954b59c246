using System.Collections.Concurrent;

namespace KvSessions.Tests;

/// <summary>A real store that counts what it is asked, and into which faults can be planted.</summary>
public sealed class CountingStore(ISessionStore inner) : ISubjectLimitStore, IExpiredSessionStore, IVersionedSessionStore
{
    private readonly ConcurrentQueue<StoreCall> _calls = new();
    private int _createsToRefuse;

    public ISessionStore Inner => inner;

    public IReadOnlyList<StoreCall> Calls => [.. _calls];

    /// <summary>The calls that somebody waited for, in order.</summary>
    public IReadOnlyList<StoreVerb> Awaited => [.. _calls.Select(static call => call.Verb).Where(static verb => verb != StoreVerb.Touch)];

    public int Touches => Count(StoreVerb.Touch);

    /// <summary>Runs before a call reaches the store: to throw, to hang, or to let something slip in between.</summary>
    public Func<StoreCall, CancellationToken, ValueTask>? Before { get; set; }

    /// <summary>Runs when the store has done its work, before the caller hears of it: an answer can be lost here.</summary>
    public Func<StoreCall, ValueTask>? After { get; set; }

    public int Count(StoreVerb verb) => _calls.Count(call => call.Verb == verb);

    public void Forget() => _calls.Clear();

    /// <summary>The next creations find their handle taken.</summary>
    public void RefuseCreates(int count) => _createsToRefuse = count;

    /// <summary>Every call fails from now on.</summary>
    public void Break(SessionStoreError error = SessionStoreError.Unavailable) =>
        Before = (_, _) => throw new SessionStoreException(error, "planted fault");

    /// <summary>Every call of this verb fails from now on.</summary>
    public void Break(StoreVerb verb, SessionStoreError error = SessionStoreError.Unavailable) =>
        Before = (call, _) => call.Verb == verb ? throw new SessionStoreException(error, "planted fault") : ValueTask.CompletedTask;

    /// <summary>No call ends from now on, cancelled or not.</summary>
    public void Hang() => Before = static (_, _) => new ValueTask(new TaskCompletionSource().Task);

    /// <summary>Once, right before the next call of this verb, does <paramref name="action"/> with the store underneath.</summary>
    public void Once(StoreVerb verb, Func<ISessionStore, SessionHandle?, Task> action) =>
        Before = async (call, _) =>
        {
            if (call.Verb == verb)
            {
                Before = null;
                await action(inner, call.Handle);
            }
        };

    public void Heal() => Before = null;

    /// <summary>The store does the work of the next call of this verb, and its caller hears of it once that is let go.</summary>
    public (Task HasDone, TaskCompletionSource LetGo) HoldAnswerOfNext(StoreVerb verb)
    {
        var hasDone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var letGo = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        After = async call =>
        {
            if (call.Verb == verb && hasDone.TrySetResult())
            {
                await letGo.Task.ConfigureAwait(false);
            }
        };
        return (hasDone.Task, letGo);
    }

    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) =>
        CallAsync(new(StoreVerb.Load, handle), inner.LoadAsync, handle, ct);

    public ValueTask<long?> LoadVersionAsync(SessionHandle handle, CancellationToken ct = default) =>
        CallAsync(new(StoreVerb.LoadVersion, handle), ((IVersionedSessionStore)inner).LoadVersionAsync, handle, ct);

    public ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default) =>
        CallAsync(
            new(StoreVerb.Create, record.Handle),
            (added, token) => Interlocked.Decrement(ref _createsToRefuse) >= 0 ? ValueTask.FromResult(false) : inner.CreateAsync(added, token),
            record,
            ct);

    public ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default) =>
        CallAsync(
            new(changes.IsTouch ? StoreVerb.Touch : StoreVerb.Save, handle, changes),
            (saved, token) => inner.SaveAsync(handle, saved, token),
            changes,
            ct);

    public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) =>
        CallAsync(new(StoreVerb.Delete, handle), inner.DeleteAsync, handle, ct);

    public ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default) =>
        CallAsync(new(StoreVerb.Renew, old), (record, token) => inner.RenewAsync(old, record, token), renewed, ct);

    public ValueTask<AdmitResult> AdmitAsync(
        SessionHandle? old, SessionRecord record, SubjectLimit limit, CancellationToken ct = default) =>
        CallAsync(
            new(StoreVerb.Admit, old), (admitted, token) => ((ISubjectLimitStore)inner).AdmitAsync(old, admitted, limit, token), record, ct);

    public ValueTask<SessionPage> FindBySubjectAsync(
        string subject, int pageSize, string? continuation = null, CancellationToken ct = default) =>
        CallAsync(
            new(StoreVerb.FindBySubject),
            (name, token) => ((ISubjectSessionStore)inner).FindBySubjectAsync(name, pageSize, continuation, token),
            subject,
            ct);

    public ValueTask<IReadOnlyList<SessionHandle>> DeleteBySubjectAsync(
        string subject, SessionHandle? except = null, CancellationToken ct = default) =>
        CallAsync(
            new(StoreVerb.DeleteBySubject),
            (name, token) => ((ISubjectSessionStore)inner).DeleteBySubjectAsync(name, except, token),
            subject,
            ct);

    public ValueTask<int> DeleteExpiredAsync(int batchSize, CancellationToken ct = default) =>
        CallAsync(
            new(StoreVerb.DeleteExpired), ((IExpiredSessionStore)inner).DeleteExpiredAsync, batchSize, ct);

    private async ValueTask<TResult> CallAsync<TArgument, TResult>(
        StoreCall call, Func<TArgument, CancellationToken, ValueTask<TResult>> answer, TArgument argument, CancellationToken ct)
    {
        _calls.Enqueue(call);
        if (Before is { } before)
        {
            await before(call, ct).ConfigureAwait(false);
        }

        var result = await answer(argument, ct).ConfigureAwait(false);
        if (After is { } after)
        {
            await after(call).ConfigureAwait(false);
        }

        return result;
    }
}
