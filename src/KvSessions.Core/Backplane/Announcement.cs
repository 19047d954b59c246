namespace KvSessions;

/// <summary>That a session has at least this version now; <see cref="long.MaxValue"/> for one that has ended.</summary>
internal readonly record struct Announcement(SessionHandle Handle, long Version);
