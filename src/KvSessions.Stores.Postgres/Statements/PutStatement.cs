namespace KvSessions.Stores.Postgres;

/// <summary>
/// A renewal, and an admission within a limit. The rows that decide are locked first, so that the newest version of each is looked at,
/// then comes the verdict, then what it allows.
/// </summary>
/// <remarks>
/// Where there is a subject, this runs under the lock of that subject: a renewal moves a session from one row to another, which whoever
/// counts or ends the subject's sessions must not see half of.
/// </remarks>
internal static class PutStatement
{
    // The row that is renewed. Where the record takes the place of none, the parameter is null and so finds none.
    private static string Old(TableNames names) =>
        $"""
        old AS MATERIALIZED (
            SELECT s.version, {SessionSql.IsLive} AS is_live FROM {names.Sessions} s WHERE s.handle = $1 FOR UPDATE
        )
        """;

    private static string GoneOrConflict(TableNames names) =>
        $"""
        WHEN {Isolation.IsWrong} THEN 4
                       WHEN $1 IS NOT NULL AND NOT EXISTS (SELECT FROM old WHERE is_live) THEN 1
                       WHEN $1 IS NOT NULL AND (SELECT version FROM old) <> $3 - 1 THEN 2
                       WHEN EXISTS (SELECT FROM {names.Sessions} WHERE handle = $2) THEN 2
        """;

    private static string EndAndAdd(TableNames names) =>
        $"""
        ended AS (
            DELETE FROM {names.Sessions} s USING verdict v WHERE v.status = 0 AND s.handle = $1
        ),
        added AS (
            {InsertStatement.Sql(names, 2)}
                FROM verdict v WHERE v.status = 0
                {InsertStatement.Returning}
        )
        """;

    private const string Answer =
        """
        SELECT v.status, a.version, a.last_seen_at, a.idle_timeout, a.absolute_expires_at, a.is_persistent
        """;

    public static Query<PutArguments, PutOutcome> Renew(TableNames names) =>
        new(
            $"""
            WITH {Old(names)},
            verdict AS MATERIALIZED (
                SELECT CASE
                       {GoneOrConflict(names)}
                       ELSE 0
                   END AS status
            ),
            {EndAndAdd(names)}
            {Answer}, NULL::bytea[]
            FROM verdict v LEFT JOIN added a ON true
            """,
            StatementKind.Write,
            static (parameters, put) =>
            {
                parameters.AddHandle(put.Old);
                InsertStatement.Bind(parameters, put.Record);
            },
            (row, _, _) => PutOutcome.Read(row, names));

    public static Query<PutArguments, PutOutcome> Admit(TableNames names) =>
        new(
            $"""
            WITH {Old(names)},
            others AS MATERIALIZED (
                SELECT s.handle, s.created_at, {SessionSql.IsLive} AS is_live
                FROM {names.Sessions} s
                WHERE s.subject = $9 AND s.handle IS DISTINCT FROM $1
                ORDER BY s.handle
                FOR UPDATE
            ),
            room AS MATERIALIZED (
                SELECT greatest(count(*) + 1 - $13, 0) AS surplus FROM others WHERE is_live
            ),
            verdict AS MATERIALIZED (
                SELECT CASE
                       {GoneOrConflict(names)}
                       WHEN r.surplus > 0 AND $14 THEN 3
                       ELSE 0
                   END AS status
                FROM room r
            ),
            evicted AS (
                DELETE FROM {names.Sessions} s
                USING verdict v
                WHERE v.status = 0 AND s.handle = ANY (ARRAY(
                    SELECT o.handle FROM others o WHERE o.is_live ORDER BY o.created_at, o.handle LIMIT (SELECT surplus FROM room)
                ))
                RETURNING s.handle
            ),
            {EndAndAdd(names)}
            {Answer}, (SELECT array_agg(e.handle) FROM evicted e)
            FROM verdict v LEFT JOIN added a ON true
            """,
            StatementKind.Write,
            static (parameters, put) =>
            {
                parameters.AddHandle(put.Old);
                InsertStatement.Bind(parameters, put.Record);
                parameters.AddBigint(put.Limit!.Maximum);
                parameters.AddBoolean(put.Limit.Rule == SubjectLimitRule.RefuseNewest);
            },
            (row, _, _) => PutOutcome.Read(row, names));
}
