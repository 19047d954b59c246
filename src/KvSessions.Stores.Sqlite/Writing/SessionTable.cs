namespace KvSessions.Stores.Sqlite;

/// <summary>The prepared statements of the writer. Each method is a step inside its transaction.</summary>
internal sealed class SessionTable(Connection connection) : IDisposable
{
    private readonly Statement _find = connection.Prepare($"SELECT {SessionRow.Columns} FROM kv_sessions s WHERE s.handle = ?1");

    private readonly Statement _findWithValues = connection.Prepare(
        $"SELECT {SessionRow.Columns}, v.data FROM kv_sessions s LEFT JOIN kv_session_values v ON v.id = s.values_id WHERE s.handle = ?1");

    private readonly Statement _findBySubject = connection.Prepare(
        $"SELECT {SessionRow.Columns} FROM kv_sessions s WHERE s.subject = ?1 AND s.expires_at > ?2");

    private readonly Statement _insertValues = connection.Prepare("INSERT INTO kv_session_values (data) VALUES (?1)");

    private readonly Statement _insert = connection.Prepare(
        """
        INSERT INTO kv_sessions
            (version, last_seen_at, idle_timeout, absolute_expires_at, is_persistent, expires_at, handle, values_id, created_at, subject)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """);

    private readonly Statement _touch = connection.Prepare("UPDATE kv_sessions SET last_seen_at = ?1, expires_at = ?2 WHERE handle = ?3");

    private readonly Statement _update = connection.Prepare(
        """
        UPDATE kv_sessions
        SET version = ?1, last_seen_at = ?2, idle_timeout = ?3, absolute_expires_at = ?4, is_persistent = ?5, expires_at = ?6
        WHERE handle = ?7
        """);

    private readonly Statement _updateValues = connection.Prepare("UPDATE kv_session_values SET data = ?1 WHERE id = ?2");

    private readonly Statement _delete = connection.Prepare("DELETE FROM kv_sessions WHERE handle = ?1 RETURNING expires_at");

    private readonly Statement _deleteBySubject = connection.Prepare(
        "DELETE FROM kv_sessions WHERE subject = ?1 AND handle IS NOT ?2 RETURNING handle, expires_at");

    private readonly Statement _deleteExpired = connection.Prepare(
        "DELETE FROM kv_sessions WHERE handle IN (SELECT handle FROM kv_sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)");

    /// <summary>Reads a live session without its values.</summary>
    public SessionRecord? Find(SessionHandle handle, DateTimeOffset now)
    {
        _find.Bind(1, handle);
        using var run = _find.Run();
        return _find.Step() && !SessionRow.IsExpired(_find, now) ? SessionRow.Read(_find, handle, SessionValues.Empty) : null;
    }

    /// <summary>Reads a live session, and where its values are.</summary>
    public SessionRecord? FindWithValues(SessionHandle handle, DateTimeOffset now, out long valuesId)
    {
        valuesId = 0;
        _findWithValues.Bind(1, handle);
        using var run = _findWithValues.Run();
        if (!_findWithValues.Step() || SessionRow.IsExpired(_findWithValues, now))
        {
            return null;
        }

        valuesId = SessionRow.ValuesId(_findWithValues);
        return SessionRow.Read(_findWithValues, handle, SessionRow.ReadValues(_findWithValues, handle));
    }

    /// <summary>Reads the live sessions of a subject without their values.</summary>
    public List<SessionRecord> FindBySubject(string subject, DateTimeOffset now)
    {
        _findBySubject.Bind(1, subject);
        _findBySubject.Bind(2, now.UtcTicks);
        using var run = _findBySubject.Run();
        var records = new List<SessionRecord>();
        while (_findBySubject.Step())
        {
            records.Add(SessionRow.Read(_findBySubject, SessionRow.Handle(_findBySubject), SessionValues.Empty));
        }

        return records;
    }

    /// <summary>Whether the handle is taken, be it by an expired session.</summary>
    public bool Contains(SessionHandle handle)
    {
        _find.Bind(1, handle);
        using var run = _find.Run();
        return _find.Step();
    }

    public void Insert(SessionRecord record)
    {
        _insertValues.Bind(1, record.Values.ToByteArray());
        Execute(_insertValues);
        BindState(_insert, record);
        _insert.Bind(8, connection.LastInsertId);
        _insert.Bind(9, record.CreatedAt.UtcTicks);
        _insert.Bind(10, record.Subject);
        Execute(_insert);
    }

    public void Touch(SessionRecord record)
    {
        _touch.Bind(1, record.LastSeenAt.UtcTicks);
        _touch.Bind(2, record.ExpiresAt.UtcTicks);
        _touch.Bind(3, record.Handle);
        Execute(_touch);
    }

    /// <summary>Writes all that may change, but for the values.</summary>
    public void Update(SessionRecord record)
    {
        BindState(_update, record);
        Execute(_update);
    }

    public void UpdateValues(long valuesId, SessionValues values)
    {
        _updateValues.Bind(1, values.ToByteArray());
        _updateValues.Bind(2, valuesId);
        Execute(_updateValues);
    }

    /// <summary>Deletes a session.</summary>
    /// <returns>Whether it was live.</returns>
    public bool Delete(SessionHandle handle, DateTimeOffset now)
    {
        _delete.Bind(1, handle);
        using var run = _delete.Run();
        if (!_delete.Step())
        {
            return false;
        }

        // Until it has been stepped to its end, a statement that writes is not over.
        var wasLive = _delete.Integer(0) > now.UtcTicks;
        _delete.Step();
        return wasLive;
    }

    /// <summary>Deletes the sessions of a subject.</summary>
    /// <returns>Those that were live.</returns>
    public List<SessionHandle> DeleteBySubject(string subject, SessionHandle? except, DateTimeOffset now)
    {
        _deleteBySubject.Bind(1, subject);
        if (except is { } kept)
        {
            _deleteBySubject.Bind(2, kept);
        }
        else
        {
            _deleteBySubject.Bind(2, (string?)null);
        }

        using var run = _deleteBySubject.Run();
        var ended = new List<SessionHandle>();
        while (_deleteBySubject.Step())
        {
            if (_deleteBySubject.Integer(1) > now.UtcTicks)
            {
                ended.Add(new SessionHandle(_deleteBySubject.Blob(0)));
            }
        }

        return ended;
    }

    public int DeleteExpired(int limit, DateTimeOffset now)
    {
        _deleteExpired.Bind(1, now.UtcTicks);
        _deleteExpired.Bind(2, limit);
        Execute(_deleteExpired);
        return connection.Changes;
    }

    public void Dispose()
    {
        ReadOnlySpan<Statement> statements =
        [
            _find, _findWithValues, _findBySubject, _insertValues, _insert, _touch, _update, _updateValues, _delete, _deleteBySubject, _deleteExpired,
        ];
        foreach (var statement in statements)
        {
            statement.Dispose();
        }
    }

    private static void BindState(Statement statement, SessionRecord record)
    {
        statement.Bind(1, record.Version);
        statement.Bind(2, record.LastSeenAt.UtcTicks);
        statement.Bind(3, record.Expiry.IdleTimeout?.Ticks);
        statement.Bind(4, record.Expiry.AbsoluteExpiresAt?.UtcTicks);
        statement.Bind(5, record.Expiry.IsPersistent ? 1L : 0L);
        statement.Bind(6, record.ExpiresAt.UtcTicks);
        statement.Bind(7, record.Handle);
    }

    private static void Execute(Statement statement)
    {
        using var run = statement.Run();
        statement.Step();
    }
}
