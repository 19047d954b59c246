using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvSessions.Stores.Sqlite;

/// <summary>
/// Keeps sessions in a SQLite file, which several processes of one machine may share. Readers work side by side; all writes that wait
/// at one moment go into one transaction, and are acknowledged when it is committed.
/// </summary>
/// <remarks>
/// <para>The clock that decides is the <see cref="TimeProvider"/> of the process that does the call. Processes of one machine have
/// one clock; a process whose clock were five minutes ahead would see, and sweep, sessions as expired five minutes before the others
/// do, and one that is five minutes behind would go on for five minutes with sessions that the others no longer see.</para>
/// <para>A read runs on the caller's thread and is complete when the call returns: SQLite has no asynchronous I/O. A write waits for the
/// writer of this store without holding a thread. A write that is cancelled before the writer starts it changes nothing.</para>
/// <para>Disposing the store carries out the writes that wait. After that every call throws <see cref="ObjectDisposedException"/>.</para>
/// </remarks>
public sealed partial class SqliteStore : ISubjectLimitStore, IExpiredSessionStore, IVersionedSessionStore, IMigratableSessionStore, IAsyncDisposable
{
    // Shorter than any handle and so before all of them.
    private static readonly byte[] BeforeAll = [0];

    private readonly TimeProvider _clock;
    private readonly ReaderPool _readers;
    private readonly Writer _writer;
    private readonly Migrator _migrator;

    /// <summary>A store for the file that <paramref name="options"/> name. Nothing is opened before the first call.</summary>
    /// <param name="options">The settings; later changes to them have no effect.</param>
    /// <param name="timeProvider">The clock that decides; the system's by default.</param>
    /// <param name="logger">Hears of failures, migrations and the opening of the file; nobody by default.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public SqliteStore(SqliteStoreOptions options, TimeProvider? timeProvider = null, ILogger<SqliteStore>? logger = null)
    {
        SqliteStoreOptionsValidator.ThrowIfInvalid(options);
        var log = logger ?? (ILogger)NullLogger.Instance;
        var file = new DatabaseFile(options.DataSource);
        _clock = timeProvider ?? TimeProvider.System;
        _readers = new ReaderPool(file, options.BusyTimeout, options.MaxReaders, log);
        _writer = new Writer(file, options, _clock, log);
        _migrator = new Migrator(file, log);
    }

    internal long Commits => _writer.Commits;

    /// <inheritdoc/>
    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) =>
        _readers.ReadAsync((handle, Now: _clock.GetUtcNow()), static (reader, key) => reader.Load(key.handle, key.Now), ct);

    /// <inheritdoc/>
    public ValueTask<long?> LoadVersionAsync(SessionHandle handle, CancellationToken ct = default) =>
        _readers.ReadAsync((handle, Now: _clock.GetUtcNow()), static (reader, key) => reader.LoadVersion(key.handle, key.Now), ct);

    /// <inheritdoc/>
    public ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return _writer.WriteAsync(new CreateOperation(record), ct);
    }

    /// <inheritdoc/>
    public ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return _writer.WriteAsync(new SaveOperation(handle, changes), ct);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) =>
        _writer.WriteAsync(new DeleteOperation(handle), ct);

    /// <inheritdoc/>
    public ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(renewed);
        return _writer.WriteAsync(new RenewOperation(old, renewed), ct);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="record"/> has no subject.</exception>
    public ValueTask<AdmitResult> AdmitAsync(
        SessionHandle? old, SessionRecord record, SubjectLimit limit, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(limit);
        if (record.Subject is null)
        {
            throw new ArgumentException("The session has no subject.", nameof(record));
        }

        return _writer.WriteAsync(new AdmitOperation(old, record, limit), ct);
    }

    /// <inheritdoc/>
    /// <remarks>The order is that of the handles.</remarks>
    /// <exception cref="ArgumentException"><paramref name="continuation"/> is not one that this method gave.</exception>
    public async ValueTask<SessionPage> FindBySubjectAsync(
        string subject, int pageSize, string? continuation = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        var after = BeforeAll;
        if (continuation is not null)
        {
            after = SessionHandle.TryParse(continuation, out var last)
                ? last.ToByteArray()
                : throw new ArgumentException("This is no continuation of an earlier page.", nameof(continuation));
        }

        // One more than the page holds tells whether there is a next one.
        var records = await _readers.ReadAsync(
            (subject, after, Limit: pageSize + 1L, Now: _clock.GetUtcNow()),
            static (reader, key) => reader.FindBySubject(key.subject, key.after, key.Limit, key.Now),
            ct).ConfigureAwait(false);
        if (records.Count <= pageSize)
        {
            return new SessionPage(records, null);
        }

        records.RemoveAt(pageSize);
        return new SessionPage(records, records[^1].Handle.ToString());
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SessionHandle>> DeleteBySubjectAsync(
        string subject, SessionHandle? except = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return _writer.WriteAsync(new DeleteBySubjectOperation(subject, except), ct);
    }

    /// <inheritdoc/>
    public ValueTask<int> DeleteExpiredAsync(int batchSize, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return _writer.WriteAsync(new DeleteExpiredOperation(batchSize), ct);
    }

    /// <summary>Carries out the writes that wait, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        // The writer last: whoever closes the file last writes the log back into it, and readers may not write.
        await _readers.DisposeAsync().ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
    }
}
