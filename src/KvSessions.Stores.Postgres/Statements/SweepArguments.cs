namespace KvSessions.Stores.Postgres;

/// <param name="Rows">How many rows to look at.</param>
/// <param name="Deletions">How many sessions to delete at the most.</param>
/// <param name="Began">When the sweep began; <see langword="null"/> for now.</param>
internal readonly record struct SweepArguments(int Rows, int Deletions, DateTimeOffset? Began);
