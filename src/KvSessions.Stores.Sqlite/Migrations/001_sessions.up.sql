-- Moments and durations are in ticks of 100 ns, moments counted from 0001-01-01T00:00:00Z: what .NET counts in, so nothing is rounded.
CREATE TABLE kv_sessions (
    handle              BLOB    NOT NULL PRIMARY KEY CHECK (length(handle) = 32),
    values_id           INTEGER NOT NULL,
    version             INTEGER NOT NULL,
    created_at          INTEGER NOT NULL,
    last_seen_at        INTEGER NOT NULL,
    idle_timeout        INTEGER NULL,
    absolute_expires_at INTEGER NULL,
    is_persistent       INTEGER NOT NULL,
    expires_at          INTEGER NOT NULL,
    subject             TEXT    NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX kv_sessions_by_expiry ON kv_sessions (expires_at);

CREATE INDEX kv_sessions_by_subject ON kv_sessions (subject) WHERE subject IS NOT NULL;

-- Apart from the rest, because SQLite writes whole rows: a touch rewrites a hundred bytes, whatever the session holds.
CREATE TABLE kv_session_values (
    id   INTEGER NOT NULL PRIMARY KEY,
    data BLOB    NOT NULL
) STRICT;

CREATE TRIGGER kv_sessions_after_delete AFTER DELETE ON kv_sessions
BEGIN
    DELETE FROM kv_session_values WHERE id = OLD.values_id;
END;
