using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace KvSessions.Stores.Postgres;

/// <summary>
/// Keeps sessions in PostgreSQL, a row each, for any number of nodes. Every verb is one round trip: one statement, or two in one
/// transaction where a subject has to be locked.
/// </summary>
/// <remarks>
/// <para>The clock that decides is the database's, read when a statement begins. A node whose own clock is five minutes off makes no
/// difference: it sees, keeps and ends the same sessions as the others.</para>
/// <para>The store keeps no state in a database session, so that it works behind a proxy that gives each transaction another one. It
/// makes no use of a transaction of the application's, not even of an ambient one.</para>
/// <para>A call that is cancelled ends at once. Its statement goes on, and is cancelled if it takes ten seconds more: a write that was
/// cancelled may or may not be applied.</para>
/// <para>Times are kept to the microsecond: moments are cut off, and idle timeouts and lifetimes are rounded up.</para>
/// <para>Disposing the store closes its own connection pool, and never a data source that it was given. After that every call throws
/// <see cref="ObjectDisposedException"/>.</para>
/// </remarks>
public sealed partial class PostgresStore : ISubjectLimitStore, IExpiredSessionStore, IVersionedSessionStore, IMigratableSessionStore, IAsyncDisposable
{
    // A save that finds nothing to change and no reason why has met another write at that very moment. Meeting a new one each time is
    // beyond all likelihood.
    private const int MaxSaveAttempts = 100;

    // Rows that a step of the sweep looks at even if fewer are left to delete: most of them may turn out to be alive.
    private const int LeastSweepRows = 500;

    private readonly Database _database;
    private readonly Statements _statements;
    private readonly Migrator _migrator;

    /// <summary>A store for the database that <paramref name="options"/> name. Nothing is opened before the first call.</summary>
    /// <param name="options">The settings; later changes to them have no effect.</param>
    /// <param name="logger">Hears of migrations and of statements that were repeated; nobody by default.</param>
    /// <exception cref="ArgumentException">An option is missing or out of range; the message names it.</exception>
    public PostgresStore(PostgresStoreOptions options, ILogger<PostgresStore>? logger = null)
    {
        PostgresStoreOptionsValidator.ThrowIfInvalid(options);
        var log = logger ?? (ILogger)NullLogger.Instance;
        var names = new TableNames(options.Schema, options.Table);
        _statements = new Statements(names);
        _database = new Database(options, names, _statements, log);
        _migrator = new Migrator(_database, new MigrationScript(names, options.Unlogged), options.Unlogged, log);
    }

    internal Statements Statements => _statements;

    /// <inheritdoc/>
    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) =>
        _database.RunAsync(_statements.Load, handle, ct);

    /// <inheritdoc/>
    public ValueTask<long?> LoadVersionAsync(SessionHandle handle, CancellationToken ct = default) =>
        _database.RunAsync(_statements.LoadVersion, handle, ct);

    /// <inheritdoc/>
    public ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Subject is { } subject
            ? _database.RunAsync(_statements.CreateOfSubject, record, ct, _database.Names.SubjectLock(subject))
            : _database.RunAsync(_statements.Create, record, ct);
    }

    /// <inheritdoc/>
    public ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var save = new SaveArguments(handle, changes);
        return changes switch
        {
            { IsTouch: true } => SaveAsync(_statements.Touch, _statements.Touch, save, ct),
            { Expiry: null } => SaveAsync(_statements.SaveValues, _statements.MeasureAndSaveValues, save, ct),
            { ChangesValues: false } => SaveAsync(_statements.SaveExpiry, _statements.SaveExpiry, save, ct),
            _ => SaveAsync(_statements.SaveValuesAndExpiry, _statements.MeasureAndSaveValuesAndExpiry, save, ct),
        };
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) =>
        _database.RunAsync(_statements.Delete, handle, ct);

    /// <inheritdoc/>
    public async ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(renewed);
        return (await PutAsync(_statements.Renew, new PutArguments(old, renewed, null), ct).ConfigureAwait(false)).Save;
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

        return PutAsync(_statements.Admit, new PutArguments(old, record, limit), ct);
    }

    /// <inheritdoc/>
    /// <remarks>The order is that of the handles.</remarks>
    /// <exception cref="ArgumentException"><paramref name="continuation"/> is not one that this method gave.</exception>
    public async ValueTask<SessionPage> FindBySubjectAsync(
        string subject, int pageSize, string? continuation = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        byte[] after = [];
        if (continuation is not null)
        {
            after = SessionHandle.TryParse(continuation, out var last)
                ? last.ToByteArray()
                : throw new ArgumentException("This is no continuation of an earlier page.", nameof(continuation));
        }

        // One more than the page holds tells whether there is a next one.
        var records = await _database.RunAsync(_statements.FindBySubject, (subject, after, pageSize + 1L), ct).ConfigureAwait(false) ?? [];
        if (records.Count <= pageSize)
        {
            return new SessionPage(records, null);
        }

        records.RemoveAt(pageSize);
        return new SessionPage(records, records[^1].Handle.ToString());
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SessionHandle>> DeleteBySubjectAsync(
        string subject, SessionHandle? except = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return await _database.RunAsync(_statements.DeleteBySubject, (subject, except), ct, _database.Names.SubjectLock(subject)).ConfigureAwait(false)
            ?? [];
    }

    /// <inheritdoc/>
    /// <remarks>Sessions that another call is working on at that moment are left to it.</remarks>
    public async ValueTask<int> DeleteExpiredAsync(int batchSize, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var deleted = 0;
        DateTimeOffset? began = null;
        while (true)
        {
            var rows = Math.Max(batchSize - deleted, LeastSweepRows);
            var step = await _database.RunAsync(_statements.Sweep, new SweepArguments(rows, batchSize - deleted, began), ct).ConfigureAwait(false);
            deleted += step.Deleted;
            if (deleted == batchSize || step.Rows < rows)
            {
                return deleted;
            }

            began = step.Began;
        }
    }

    /// <summary>Closes the store's own connections.</summary>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async ValueTask<SaveResult> SaveAsync(
        Query<SaveArguments, SaveOutcome> statement, Query<SaveArguments, SaveOutcome> measuring, SaveArguments save, CancellationToken ct)
    {
        for (var attempt = 1; attempt <= MaxSaveAttempts; attempt++)
        {
            var outcome = await _database.RunAsync(statement, save, ct).ConfigureAwait(false);
            if (outcome.HasToBeMeasured)
            {
                statement = measuring;
            }
            else if (outcome.ToResult(save) is { } result)
            {
                return result;
            }
        }

        throw new SessionStoreException(
            SessionStoreError.Unavailable, $"The session was changed by others during each of {MaxSaveAttempts} attempts to save it.");
    }

    private async ValueTask<AdmitResult> PutAsync(Query<PutArguments, PutOutcome> statement, PutArguments put, CancellationToken ct)
    {
        try
        {
            long? subjectLock = put.Record.Subject is { } subject ? _database.Names.SubjectLock(subject) : null;
            return (await _database.RunAsync(statement, put, ct, subjectLock).ConfigureAwait(false)).Result;
        }
        catch (PostgresException exception) when (PostgresFault.IsTakenHandle(exception))
        {
            // Taken since the statement began, which rolled everything back. Gone would have come before it.
            return AdmitResult.NotSaved(SaveResult.Conflict);
        }
    }
}
