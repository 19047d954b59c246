namespace KvSessions;

/// <summary>A write under way.</summary>
/// <param name="Handle">What is written.</param>
/// <param name="BeganAt">The timestamp before the store was asked.</param>
/// <param name="Epoch">How often the cache had been flushed by then.</param>
internal readonly record struct PendingWrite(SessionHandle Handle, long BeganAt, long Epoch);
