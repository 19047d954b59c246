namespace KvSessions.Stores.Postgres;

/// <param name="Rows">How many rows were looked at.</param>
/// <param name="Deleted">How many sessions were deleted.</param>
/// <param name="Began">When the sweep began.</param>
internal readonly record struct SweepOutcome(int Rows, int Deleted, DateTimeOffset Began);
