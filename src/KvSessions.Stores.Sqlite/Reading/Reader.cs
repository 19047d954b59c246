namespace KvSessions.Stores.Sqlite;

/// <summary>An open connection with the prepared statements that read.</summary>
internal sealed class Reader : IDisposable
{
    private readonly Connection _connection;
    private readonly Statement _load;
    private Statement? _loadVersion;
    private Statement? _findBySubject;

    public Reader(DatabaseFile file, TimeSpan busyTimeout)
    {
        _connection = new Connection(file.ConnectionString);
        try
        {
            _connection.SetBusyTimeout(busyTimeout);
            Schema.ThrowUnlessCurrent(_connection, file.Path);
            _connection.Execute("PRAGMA query_only = ON");
            _load = _connection.Prepare(
                $"SELECT {SessionRow.Columns}, v.data FROM kv_sessions s LEFT JOIN kv_session_values v ON v.id = s.values_id WHERE s.handle = ?1");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public SessionRecord? Load(SessionHandle handle, DateTimeOffset now)
    {
        _load.Bind(1, handle);
        using var run = _load.Run();
        return _load.Step() && !SessionRow.IsExpired(_load, now)
            ? SessionRow.Read(_load, handle, SessionRow.ReadValues(_load, handle))
            : null;
    }

    public long? LoadVersion(SessionHandle handle, DateTimeOffset now)
    {
        var load = _loadVersion ??= _connection.Prepare("SELECT version, expires_at FROM kv_sessions WHERE handle = ?1");
        load.Bind(1, handle);
        using var run = load.Run();
        return load.Step() && load.Integer(1) > now.UtcTicks ? load.Integer(0) : null;
    }

    /// <summary>Reads the subject's live sessions whose handles come after <paramref name="after"/>.</summary>
    public List<SessionRecord> FindBySubject(string subject, ReadOnlySpan<byte> after, long limit, DateTimeOffset now)
    {
        // The index by subject holds the handles in order, as those of all tables without a rowid do (https://www.sqlite.org/withoutrowid.html).
        var find = _findBySubject ??= _connection.Prepare(
            $"""
            SELECT {SessionRow.Columns}, v.data FROM kv_sessions s LEFT JOIN kv_session_values v ON v.id = s.values_id
            WHERE s.subject = ?1 AND s.handle > ?2 AND s.expires_at > ?3 ORDER BY s.handle LIMIT ?4
            """);
        find.Bind(1, subject);
        find.Bind(2, after);
        find.Bind(3, now.UtcTicks);
        find.Bind(4, limit);
        using var run = find.Run();
        var records = new List<SessionRecord>();
        while (find.Step())
        {
            var handle = SessionRow.Handle(find);
            records.Add(SessionRow.Read(find, handle, SessionRow.ReadValues(find, handle)));
        }

        return records;
    }

    public void Dispose()
    {
        _load.Dispose();
        _loadVersion?.Dispose();
        _findBySubject?.Dispose();
        _connection.Dispose();
    }
}
