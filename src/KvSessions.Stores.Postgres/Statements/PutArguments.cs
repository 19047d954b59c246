namespace KvSessions.Stores.Postgres;

/// <summary>A session that takes the place of another, or of none, within a limit or without.</summary>
internal readonly record struct PutArguments(SessionHandle? Old, SessionRecord Record, SubjectLimit? Limit);
