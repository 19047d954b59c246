namespace KvSessions.Stores.Postgres;

internal readonly record struct SaveArguments(SessionHandle Handle, SessionChanges Changes);
