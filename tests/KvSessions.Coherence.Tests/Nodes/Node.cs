using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvSessions.Coherence.Tests.Nodes;

/// <summary>What a node process does.</summary>
internal sealed class Node : ICoherentCache
{
    private readonly TamperingBackplane _backplane;
    private readonly CachedSessionStore _cache;
    private readonly ConcurrentDictionary<SessionHandle, TaskCompletionSource<TimeSpan>> _heard = new();

    public Node(ISessionStore store, TamperingBackplane backplane, TimeSpan maxStaleness)
    {
        _backplane = backplane;
        Coherence = new BackplaneCoherence(backplane, maxStaleness, TimeProvider.System, NullLogger<BackplaneCoherence>.Instance);
        _cache = CachedSessionStore.InMemory(
            store,
            new SessionCacheOptions { MaxStaleness = maxStaleness },
            TimeProvider.System,
            Coherence,
            new CacheFigures(null, "node"),
            new KvSessionsOptions().OperationTimeout);

        // Is told after the cache.
        Coherence.Attach(this);
        Coherence.Start();
    }

    public BackplaneCoherence Coherence { get; }

    // The same for all processes of the machine.
    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    public bool IsInDoubt => false;

    public void Outdate(SessionHandle handle, long version) => Heard(handle).TrySetResult(Now);

    // What has been missed is made up for by forgetting everything, so that is to hear of it as well.
    public void Flush()
    {
        foreach (var heard in _heard.Values)
        {
            heard.TrySetResult(Now);
        }
    }

    public async Task<NodeAnswer> AnswerAsync(NodeCall call)
    {
        var began = Now;
        try
        {
            return await AnswerAsync(call, began);
        }
        catch (SessionStoreException fault)
        {
            return new(call.Number, began, Now, Fault: fault.Message);
        }
    }

    private async Task<NodeAnswer> AnswerAsync(NodeCall call, TimeSpan began)
    {
        var handle = call.Handle is { } text ? SessionHandle.Parse(text, CultureInfo.InvariantCulture) : default;
        switch (call.Verb)
        {
            case NodeVerb.Read:
                var record = await _cache.LoadAsync(handle);
                return new(call.Number, began, Now, record is not null, record?.Version ?? 0, record?.Values.Keys.ToArray());

            case NodeVerb.Create:
                var isCreated = await _cache.CreateAsync(NewRecord(handle));
                return new(call.Number, began, Now, isCreated);

            case NodeVerb.Save:
                var sets = SessionValues.From([KeyValuePair.Create(call.Text!, (ReadOnlyMemory<byte>)new byte[] { 1 })]);
                var saved = await _cache.SaveAsync(handle, new SessionChanges { Sets = sets });
                return new(call.Number, began, Now, saved.Status == SaveStatus.Saved, saved.Status == SaveStatus.Saved ? saved.Version : 0);

            case NodeVerb.Delete:
                var isDeleted = await _cache.DeleteAsync(handle);
                return new(call.Number, began, Now, isDeleted);

            case NodeVerb.Renew:
                return await RenewAsync(call, began, handle);

            case NodeVerb.Hear:
                return new(call.Number, began, await Heard(handle).Task, true);

            case NodeVerb.Tamper:
                _backplane.Tampering = call.Tampering;
                return new(call.Number, began, Now, true);

            default:
                return new(call.Number, began, Now, Coherence.IsTrusted);
        }
    }

    private async Task<NodeAnswer> RenewAsync(NodeCall call, TimeSpan began, SessionHandle handle)
    {
        if (await _cache.LoadAsync(handle) is not { } record)
        {
            return new(call.Number, began, Now);
        }

        var renewed = record with { Handle = SessionHandle.Parse(call.Text!, CultureInfo.InvariantCulture), Version = record.Version + 1 };
        var result = await _cache.RenewAsync(handle, renewed);
        return new(call.Number, began, Now, result.Status == SaveStatus.Saved);
    }

    private TaskCompletionSource<TimeSpan> Heard(SessionHandle handle) =>
        _heard.GetOrAdd(handle, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private static SessionRecord NewRecord(SessionHandle handle) =>
        new()
        {
            Handle = handle,
            Version = 1,
            CreatedAt = TimeProvider.System.GetUtcNow(),
            LastSeenAt = TimeProvider.System.GetUtcNow(),
            Expiry = SessionExpiry.Idle(TimeSpan.FromHours(1)),
            Values = SessionValues.Empty,
        };
}
