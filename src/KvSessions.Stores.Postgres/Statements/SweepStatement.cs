namespace KvSessions.Stores.Postgres;

/// <summary>
/// One step of a sweep: the rows that may have expired, of which those that have are deleted, and of the others the moment to look at
/// them again is moved to when they end as things stand. A row that somebody else holds is left to them.
/// </summary>
/// <remarks>
/// The moment is when the sweep began, so that a sweep meets each row once and comes to an end, whatever goes on meanwhile. The rows
/// are found again by an array and not by a join: of a limit that is a parameter the planner expects a tenth of the table, and would
/// read all of it.
/// </remarks>
internal static class SweepStatement
{
    public static Query<SweepArguments, SweepOutcome> Sweep(TableNames names) =>
        new(
            $"""
            WITH due AS MATERIALIZED (
                SELECT s.handle, s.sweep_after, {SessionSql.IsLive} AS is_live
                FROM {names.Sessions} s
                WHERE s.sweep_after <= coalesce($3, statement_timestamp())
                ORDER BY s.sweep_after
                LIMIT $1
                FOR UPDATE SKIP LOCKED
            ),
            deleted AS (
                DELETE FROM {names.Sessions} s
                WHERE s.handle = ANY (ARRAY(SELECT d.handle FROM due d WHERE NOT d.is_live ORDER BY d.sweep_after LIMIT $2))
                RETURNING 1
            ),
            moved AS (
                UPDATE {names.Sessions} s
                SET sweep_after = coalesce({SessionSql.ExpiresAt}, 'infinity')
                WHERE s.handle = ANY (ARRAY(SELECT d.handle FROM due d WHERE d.is_live))
            )
            SELECT (SELECT count(*) FROM due)::integer, (SELECT count(*) FROM deleted)::integer, coalesce($3, statement_timestamp())
            """,
            StatementKind.Write,
            static (parameters, sweep) =>
            {
                parameters.AddBigint(sweep.Rows);
                parameters.AddBigint(sweep.Deletions);
                parameters.AddMoment(sweep.Began);
            },
            static (row, _, _) => new SweepOutcome(row.GetInt32(0), row.GetInt32(1), SessionRow.Moment(row, 2)));
}
