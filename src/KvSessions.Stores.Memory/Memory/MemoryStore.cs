using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KvSessions.Stores.Memory;

/// <summary>
/// Keeps sessions in the memory of the process: for a single node whose sessions may end with it, for tests, or as the cache of another
/// store. Reads and saves take no locks. The number of sessions is bounded (<see cref="MemoryStoreOptions.MaxSessions"/>).
/// </summary>
/// <remarks>
/// The clock that decides is the <see cref="TimeProvider"/> that the store was given. A node has sessions of its own, so no other clock
/// ever meets them.
/// </remarks>
public sealed class MemoryStore : ISubjectLimitStore, IExpiredSessionStore, IVersionedSessionStore
{
    private readonly SlotTable _table = new();
    private readonly TimeProvider _clock;
    private readonly Eviction _eviction;
    private readonly Sweep _sweep;

    /// <summary>Makes an empty store.</summary>
    /// <param name="options">The settings; the defaults if <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock that decides; the system's if <see langword="null"/>.</param>
    /// <param name="logger">Hears when live sessions are ended because the store is full.</param>
    /// <exception cref="OptionsValidationException">An option is out of range.</exception>
    public MemoryStore(
        IOptions<MemoryStoreOptions>? options = null, TimeProvider? timeProvider = null, ILogger<MemoryStore>? logger = null)
    {
        var settings = options?.Value ?? new MemoryStoreOptions();
        if (new MemoryStoreOptionsValidator().Validate(null, settings) is { Failed: true, Failures: var failures })
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(MemoryStoreOptions), failures);
        }

        _clock = timeProvider ?? TimeProvider.System;
        _eviction = new Eviction(_table, settings.MaxSessions, _clock, logger ?? NullLogger<MemoryStore>.Instance);
        _sweep = new Sweep(_table, _clock);
    }

    internal int Count => _table.Count;

    internal int SubjectCount => _table.SubjectCount;

    /// <inheritdoc/>
    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) =>
        ct.IsCancellationRequested
            ? ValueTask.FromCanceled<SessionRecord?>(ct)
            : ValueTask.FromResult(_table.Find(handle, _clock.GetUtcNow()));

    /// <inheritdoc/>
    public ValueTask<long?> LoadVersionAsync(SessionHandle handle, CancellationToken ct = default) =>
        ct.IsCancellationRequested
            ? ValueTask.FromCanceled<long?>(ct)
            : ValueTask.FromResult(_table.Find(handle, _clock.GetUtcNow())?.Version);

    /// <inheritdoc/>
    public ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (ct.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<bool>(ct);
        }

        var created = _table.TryCreate(record.AcceptedAt(_clock.GetUtcNow()));
        if (created)
        {
            _eviction.MakeRoomFor(record.Handle);
        }

        return ValueTask.FromResult(created);
    }

    /// <inheritdoc/>
    public ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        if (ct.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<SaveResult>(ct);
        }

        try
        {
            return ValueTask.FromResult(_table.Save(handle, changes, _clock));
        }
        catch (SessionLimitException over)
        {
            return ValueTask.FromException<SaveResult>(over);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) =>
        ct.IsCancellationRequested ? ValueTask.FromCanceled<bool>(ct) : ValueTask.FromResult(_table.End(handle, _clock));

    /// <inheritdoc/>
    public ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(renewed);
        return ct.IsCancellationRequested
            ? ValueTask.FromCanceled<SaveResult>(ct)
            : ValueTask.FromResult(_table.Renew(old, renewed, _clock));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pageSize"/> is less than 1.</exception>
    /// <exception cref="ArgumentException"><paramref name="continuation"/> does not come from a page.</exception>
    public ValueTask<SessionPage> FindBySubjectAsync(
        string subject, int pageSize, string? continuation = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        var after = SubjectIndex.ParseContinuation(continuation);
        return ct.IsCancellationRequested
            ? ValueTask.FromCanceled<SessionPage>(ct)
            : ValueTask.FromResult(_table.Page(subject, pageSize, after, _clock.GetUtcNow()));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SessionHandle>> DeleteBySubjectAsync(
        string subject, SessionHandle? except = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return ct.IsCancellationRequested
            ? ValueTask.FromCanceled<IReadOnlyList<SessionHandle>>(ct)
            : ValueTask.FromResult(_table.EndBySubject(subject, except, _clock));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="record"/> has no subject.</exception>
    public ValueTask<AdmitResult> AdmitAsync(
        SessionHandle? old, SessionRecord record, SubjectLimit limit, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentException.ThrowIfNullOrEmpty(record.Subject);
        ArgumentNullException.ThrowIfNull(limit);
        if (ct.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<AdmitResult>(ct);
        }

        var result = _table.Admit(old, record, limit, _clock);
        if (result.Save.Status == SaveStatus.Saved)
        {
            _eviction.MakeRoomFor(record.Handle);
        }

        return ValueTask.FromResult(result);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batchSize"/> is less than 1.</exception>
    public ValueTask<int> DeleteExpiredAsync(int batchSize, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return ct.IsCancellationRequested ? ValueTask.FromCanceled<int>(ct) : ValueTask.FromResult(_sweep.Next(batchSize));
    }
}
