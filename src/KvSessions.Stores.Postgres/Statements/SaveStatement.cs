using Npgsql;

namespace KvSessions.Stores.Postgres;

/// <summary>
/// A save: one UPDATE of a live row that meets every condition, and, if there was none, a SELECT that says which one it did not meet.
/// </summary>
/// <remarks>
/// Both see the same snapshot, but the UPDATE looks at the newest version of a row that others have changed since
/// (https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED), so that it may find nothing where the SELECT
/// finds all conditions met. Then nothing was changed, and the save is tried again.
/// </remarks>
internal static class SaveStatement
{
    // What the values will be; $3 to $5 are whether all go, what is set and what is removed.
    private const string NewData = $"((CASE WHEN $3 THEN {Empty} ELSE s.data END || $4) - $5)";

    private const string Empty = "'{}'::jsonb";

    // An object has at least ten characters a key in its text form, and at least as many bytes as its keys and values together:
    // most saves are within both limits by that alone ($6), and the others are counted ($7 keys, $8 bytes).
    private const string Measure =
        $"""
        SELECT count(*) AS keys,
               coalesce(sum(octet_length(e.key)
                   + CASE left(e.value, 1)
                       WHEN '=' THEN octet_length(e.value) - 1
                       ELSE (octet_length(e.value) - 1) / 4 * 3 - (octet_length(e.value) - octet_length(rtrim(e.value, '=')))
                     END), 0)::bigint AS bytes
        FROM jsonb_each_text(CASE WHEN {IsReadable} THEN {NewData} ELSE {Empty} END) e
        """;

    private const string IsReadable = "s.format = 1 AND jsonb_typeof(s.data) = 'object'";

    private const string IsWithinLimits =
        $"(octet_length({NewData}::text) <= $6 OR (SELECT m.keys <= $7 AND m.bytes <= $8 FROM ({Measure}) m))";

    public static Query<SaveArguments, SaveOutcome> Touch(TableNames names) =>
        new(
            Sql(names, "last_seen_at = greatest(s.last_seen_at, statement_timestamp())", condition: null, measure: null),
            StatementKind.RepeatableWrite,
            static (parameters, save) => BindKey(parameters, save),
            static (row, _, _) => SaveOutcome.Read(row));

    public static Query<SaveArguments, SaveOutcome> Values(TableNames names) =>
        new(
            Sql(
                names,
                $"""
                version = s.version + 1,
                        last_seen_at = greatest(s.last_seen_at, statement_timestamp()),
                        data = {NewData}
                """,
                $"{IsReadable} AND {IsWithinLimits}",
                Measure),
            StatementKind.Write,
            static (parameters, save) =>
            {
                BindKey(parameters, save);
                BindValues(parameters, save.Changes);
            },
            static (row, _, _) => SaveOutcome.Read(row));

    public static Query<SaveArguments, SaveOutcome> Expiry(TableNames names) =>
        new(
            Sql(names, NewExpiry(3), condition: null, measure: null),
            StatementKind.Write,
            static (parameters, save) =>
            {
                BindKey(parameters, save);
                BindExpiry(parameters, save.Changes.Expiry!);
            },
            static (row, _, _) => SaveOutcome.Read(row));

    public static Query<SaveArguments, SaveOutcome> ValuesAndExpiry(TableNames names) =>
        new(
            Sql(names, $"{NewExpiry(9)},\n        data = {NewData}", $"{IsReadable} AND {IsWithinLimits}", Measure),
            StatementKind.Write,
            static (parameters, save) =>
            {
                BindKey(parameters, save);
                BindValues(parameters, save.Changes);
                BindExpiry(parameters, save.Changes.Expiry!);
            },
            static (row, _, _) => SaveOutcome.Read(row));

    // Idle timeout, lifetime, end and persistence in four parameters. The sweeper must not come too late: its moment moves back, and never on.
    private static string NewExpiry(int first)
    {
        var (idle, lifetime, end, persistent) = ($"${first}", $"${first + 1}", $"${first + 2}", $"${first + 3}");
        var resolved = $"least({end}, statement_timestamp() + {lifetime})";
        return $"""
            version = s.version + 1,
                    last_seen_at = greatest(s.last_seen_at, statement_timestamp()),
                    idle_timeout = {idle},
                    absolute_expires_at = {resolved},
                    is_persistent = {persistent},
                    sweep_after = least(s.sweep_after, greatest(s.last_seen_at, statement_timestamp()) + {idle}, {resolved})
            """;
    }

    private static string Sql(TableNames names, string assignments, string? condition, string? measure) =>
        $"""
        WITH saved AS (
            UPDATE {names.Sessions} s
            SET {assignments}
            WHERE s.handle = $1 AND {SessionSql.IsLive} AND ($2::bigint IS NULL OR s.version = $2){(condition is null ? "" : $" AND {condition}")}
            RETURNING s.version, s.last_seen_at, s.idle_timeout, s.absolute_expires_at, s.is_persistent
        )
        SELECT 0, s.version, s.last_seen_at, s.idle_timeout, s.absolute_expires_at, s.is_persistent, 1::smallint, NULL::bigint, NULL::bigint
        FROM saved s
        UNION ALL
        SELECT CASE
                 WHEN NOT {SessionSql.IsLive} THEN 1
                 WHEN s.version <> $2 THEN 2
                 {(condition is null ? "" : $"WHEN NOT ({IsReadable}) THEN 3")}
                 ELSE 4
               END,
               NULL, NULL, NULL, NULL, NULL, s.format, {(measure is null ? "NULL, NULL" : "m.keys, m.bytes")}
        FROM {names.Sessions} s {(measure is null ? "" : $"CROSS JOIN LATERAL ({measure}) m")}
        WHERE s.handle = $1 AND NOT EXISTS (SELECT FROM saved)
        """;

    private static void BindKey(NpgsqlParameterCollection parameters, SaveArguments save)
    {
        parameters.AddHandle(save.Handle);
        parameters.AddBigint(save.Changes.ExpectedVersion);
    }

    private static void BindValues(NpgsqlParameterCollection parameters, SessionChanges changes)
    {
        var limits = changes.Limits;
        parameters.AddBoolean(changes.Clears);
        parameters.AddJson(SessionJson.Write(changes.Sets));
        parameters.AddTexts(changes.Removes.Count == 0 ? [] : [.. changes.Removes]);
        parameters.AddBigint(Math.Min(limits.MaxTotalBytes, (long)limits.MaxKeys * SessionJson.LeastEntryBytes));
        parameters.AddBigint(limits.MaxKeys);
        parameters.AddBigint(limits.MaxTotalBytes);
    }

    private static void BindExpiry(NpgsqlParameterCollection parameters, SessionExpiry expiry)
    {
        parameters.AddDuration(expiry.IdleTimeout);
        parameters.AddDuration(expiry.Lifetime);
        parameters.AddMoment(expiry.AbsoluteExpiresAt);
        parameters.AddBoolean(expiry.IsPersistent);
    }
}
