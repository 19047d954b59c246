using System.Text;
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
    // What the values will be; $3 to $5 are whether all go, what is set and what is removed, $6 and $7 the most keys and bytes
    // that there may be, and, where nothing is measured, $8 and $9 the keys and bytes of what is set.
    private const string NewData = $"((CASE WHEN $3 THEN {Empty} ELSE s.data END || $4) - $5)";

    private const string Empty = "'{}'::jsonb";

    // The row has a bound of what it holds, to which each save adds all that it sets. A save that would be over a limit by the bound is sent
    // again to be measured, which makes the bound exact again: looking into the values costs as much as the rest of a save.
    private const string MostKeys = "(CASE WHEN $3 THEN 0 ELSE s.most_keys END + $8)";

    private const string MostBytes = "(CASE WHEN $3 THEN 0 ELSE s.most_bytes END + $9)";

    private const string IsSurelyWithinLimits = $"{MostKeys} <= $6 AND {MostBytes} <= $7";

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

    private const string IsWithinLimits = $"(SELECT m.keys <= $6 AND m.bytes <= $7 FROM ({Measure}) m)";

    public static Query<SaveArguments, SaveOutcome> Touch(TableNames names) =>
        new(
            Sql(names, "last_seen_at = greatest(s.last_seen_at, statement_timestamp())"),
            StatementKind.RepeatableWrite,
            static (parameters, save) => BindKey(parameters, save),
            static (row, _, _) => SaveOutcome.Read(row));

    /// <summary>Changes values.</summary>
    /// <param name="names">The tables.</param>
    /// <param name="measures">Whether it measures what the values would be, and not only looks at the bound.</param>
    public static Query<SaveArguments, SaveOutcome> Values(TableNames names, bool measures) =>
        new(
            ValuesSql(
                names,
                """
                version = s.version + 1,
                        last_seen_at = greatest(s.last_seen_at, statement_timestamp())
                """,
                measures),
            StatementKind.Write,
            (parameters, save) =>
            {
                BindKey(parameters, save);
                BindValues(parameters, save.Changes, measures);
            },
            static (row, _, _) => SaveOutcome.Read(row));

    public static Query<SaveArguments, SaveOutcome> Expiry(TableNames names) =>
        new(
            Sql(names, NewExpiry(3), $" AND {IsReadable}", $"WHEN NOT ({IsReadable}) THEN 3 ELSE 5"),
            StatementKind.Write,
            static (parameters, save) =>
            {
                BindKey(parameters, save);
                BindExpiry(parameters, save.Changes.Expiry!);
            },
            static (row, _, _) => SaveOutcome.Read(row));

    /// <summary>Changes both.</summary>
    /// <inheritdoc cref="Values" path="/param"/>
    public static Query<SaveArguments, SaveOutcome> ValuesAndExpiry(TableNames names, bool measures) =>
        new(
            ValuesSql(names, NewExpiry(measures ? 8 : 10), measures),
            StatementKind.Write,
            (parameters, save) =>
            {
                BindKey(parameters, save);
                BindValues(parameters, save.Changes, measures);
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

    private static string ValuesSql(TableNames names, string assignments, bool measures) =>
        measures
            ? Sql(
                names,
                $"{assignments},\n        data = {NewData},\n        (most_keys, most_bytes) = ({Measure})",
                $" AND {IsReadable} AND {IsWithinLimits}",
                $"WHEN NOT ({IsReadable}) THEN 3 ELSE 5",
                "m.keys, m.bytes",
                $" CROSS JOIN LATERAL ({Measure}) m")
            : Sql(
                names,
                $"{assignments},\n        data = {NewData},\n        most_keys = {MostKeys},\n        most_bytes = {MostBytes}",
                $" AND {IsReadable} AND {IsSurelyWithinLimits}",
                $"WHEN NOT ({IsReadable}) THEN 3 WHEN NOT ({IsSurelyWithinLimits}) THEN 4 ELSE 5");

    // The numbers are those of SaveOutcome.
    private static string Sql(
        TableNames names,
        string assignments,
        string condition = "",
        string otherwise = "ELSE 5",
        string measured = "NULL::bigint, NULL::bigint",
        string measure = "") =>
        $"""
        WITH saved AS (
            UPDATE {names.Sessions} s
            SET {assignments}
            WHERE s.handle = $1 AND {SessionSql.IsLive} AND ($2::bigint IS NULL OR s.version = $2){condition}
            RETURNING s.version, s.last_seen_at, s.idle_timeout, s.absolute_expires_at, s.is_persistent
        )
        SELECT 0, s.version, s.last_seen_at, s.idle_timeout, s.absolute_expires_at, s.is_persistent, 1::smallint, NULL::bigint, NULL::bigint
        FROM saved s
        UNION ALL
        SELECT CASE WHEN NOT {SessionSql.IsLive} THEN 1 WHEN s.version <> $2 THEN 2 {otherwise} END,
               NULL, NULL, NULL, NULL, NULL, s.format, {measured}
        FROM {names.Sessions} s{measure}
        WHERE s.handle = $1 AND NOT EXISTS (SELECT FROM saved)
        """;

    private static void BindKey(NpgsqlParameterCollection parameters, SaveArguments save)
    {
        parameters.AddHandle(save.Handle);
        parameters.AddBigint(save.Changes.ExpectedVersion);
    }

    private static void BindValues(NpgsqlParameterCollection parameters, SessionChanges changes, bool measures)
    {
        var limits = changes.Limits;
        parameters.AddBoolean(changes.Clears);
        parameters.AddJson(SessionJson.Write(changes.Sets));
        parameters.AddTexts(changes.Removes.Count == 0 ? [] : [.. changes.Removes]);
        parameters.AddBigint(limits.MaxKeys);
        parameters.AddBigint(limits.MaxTotalBytes);
        if (!measures)
        {
            parameters.AddBigint(changes.Sets.Count);
            parameters.AddBigint(changes.Sets.Sum(static entry => Encoding.UTF8.GetByteCount(entry.Key) + (long)entry.Value.Length));
        }
    }

    private static void BindExpiry(NpgsqlParameterCollection parameters, SessionExpiry expiry)
    {
        parameters.AddDuration(expiry.IdleTimeout);
        parameters.AddDuration(expiry.Lifetime);
        parameters.AddMoment(expiry.AbsoluteExpiresAt);
        parameters.AddBoolean(expiry.IsPersistent);
    }
}
