using System.Diagnostics;

namespace KvSessions.Faults.Tests;

/// <summary>The calls of one client, which makes one after another: each takes the way that the library's own calls take, and is timed.</summary>
internal sealed class ClientCalls(StoreCalls calls, Graveyard dead) : ISubjectSessionStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _faults = [];
    private int _answered;
    private int _failed;
    private int _inARow;
    private bool _isCalling;
    private long _lastFailure;
    private (TimeSpan Took, string End) _longest;

    /// <summary>How many calls were answered.</summary>
    public int Answered => Read(ref _answered);

    /// <summary>How many calls have ended, one way or the other.</summary>
    public int Ended => Answered + Read(ref _failed);

    /// <summary>How many calls were answered since the last one that failed, or since <see cref="StartOver"/>.</summary>
    public int InARow => Read(ref _inARow);

    public bool IsCalling => Read(ref _isCalling);

    /// <summary>When the last call failed, as <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long LastFailure => Read(ref _lastFailure);

    /// <summary>How long the longest call took, and how it ended.</summary>
    public (TimeSpan Took, string End) Longest => Read(ref _longest);

    /// <summary>How often which fault was reported.</summary>
    public IReadOnlyDictionary<string, int> Faults
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, int>(_faults);
            }
        }
    }

    public void StartOver()
    {
        lock (_gate)
        {
            _inARow = 0;
        }
    }

    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) =>
        CallAsync(() => calls.LoadAsync(handle, ct));

    public async ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default) =>
        (await CallAsync(() => calls.PutNewAsync(null, record, true, ct))).Status == SaveStatus.Saved;

    public ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default) =>
        CallAsync(() => calls.SaveAsync(handle, changes, ct));

    public async ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default)
    {
        var wasThere = await CallAsync(() => calls.DeleteAsync(handle, ct));
        dead.Add(handle);
        return wasThere;
    }

    public async ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default)
    {
        var result = await CallAsync(() => calls.PutNewAsync(old, renewed, true, ct));
        if (result.Status != SaveStatus.Conflict)
        {
            dead.Add(old);
        }

        return result;
    }

    public ValueTask<SessionPage> FindBySubjectAsync(string subject, int pageSize, string? continuation = null, CancellationToken ct = default) =>
        CallAsync(() => calls.FindBySubjectAsync(subject, pageSize, continuation, ct));

    public async ValueTask<IReadOnlyList<SessionHandle>> DeleteBySubjectAsync(string subject, SessionHandle? except = null, CancellationToken ct = default)
    {
        var ended = await CallAsync(() => calls.DeleteBySubjectAsync(subject, except, ct));
        foreach (var handle in ended)
        {
            dead.Add(handle);
        }

        return ended;
    }

    private async ValueTask<T> CallAsync<T>(Func<ValueTask<T>> call)
    {
        var started = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            _isCalling = true;
        }

        try
        {
            var result = await call();
            End(started, null);
            return result;
        }
        catch (Exception fault)
        {
            End(started, fault is SessionStoreException known ? $"{known.Error}: {known.Message}" : $"{fault.GetType().Name}: {fault.Message}");
            throw;
        }
    }

    private void End(long started, string? fault)
    {
        lock (_gate)
        {
            var now = Stopwatch.GetTimestamp();
            var took = Stopwatch.GetElapsedTime(started, now);
            _longest = took > _longest.Took ? (took, fault ?? "answered") : _longest;
            _isCalling = false;
            if (fault is null)
            {
                _answered++;
                _inARow++;
                return;
            }

            _failed++;
            _inARow = 0;
            _lastFailure = now;
            _faults[fault] = _faults.GetValueOrDefault(fault) + 1;
        }
    }

    private T Read<T>(ref T field)
    {
        lock (_gate)
        {
            return field;
        }
    }
}
