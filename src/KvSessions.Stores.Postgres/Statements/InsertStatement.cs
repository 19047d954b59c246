using Npgsql;

namespace KvSessions.Stores.Postgres;

/// <summary>A new row, as <see cref="SessionRecord.AcceptedAt"/> says it, from eleven parameters.</summary>
internal static class InsertStatement
{
    /// <summary>What <see cref="SessionRow.Read"/> and <see cref="SaveResult"/> want to know of a row that was just stored.</summary>
    public const string Returning = "RETURNING s.version, s.last_seen_at, s.idle_timeout, s.absolute_expires_at, s.is_persistent";

    /// <summary>The beginning of an INSERT ... SELECT, up to its FROM.</summary>
    /// <param name="names">The tables.</param>
    /// <param name="first">The number of the first parameter.</param>
    public static string Sql(TableNames names, int first)
    {
        var (handle, version, created, idle, lifetime) = ($"${first}", $"${first + 1}", $"${first + 2}", $"${first + 3}", $"${first + 4}");
        var (end, persistent, subject, data) = ($"${first + 5}", $"${first + 6}", $"${first + 7}", $"${first + 8}");
        var (keys, bytes) = ($"${first + 9}", $"${first + 10}");
        var resolved = $"least({end}, statement_timestamp() + {lifetime})";
        return $"""
            INSERT INTO {names.Sessions} AS s
                    (handle, version, created_at, last_seen_at, idle_timeout, absolute_expires_at, is_persistent, subject, data, sweep_after,
                     most_keys, most_bytes)
                SELECT {handle}, {version}, least({created}, statement_timestamp()), statement_timestamp(), {idle}, {resolved},
                       {persistent}, {subject}, {data}, coalesce(least(statement_timestamp() + {idle}, {resolved}), 'infinity'),
                       {keys}, {bytes}
            """;
    }

    /// <summary>A creation, unless the handle is taken.</summary>
    public static Query<SessionRecord, bool> Create(TableNames names, string condition = "") =>
        new($"{Sql(names, 1)} {condition} ON CONFLICT DO NOTHING RETURNING true", StatementKind.Write, Bind, static (_, _, _) => true);

    public static void Bind(NpgsqlParameterCollection parameters, SessionRecord record)
    {
        parameters.AddHandle(record.Handle);
        parameters.AddBigint(record.Version);
        parameters.AddMoment(record.CreatedAt);
        parameters.AddDuration(record.Expiry.IdleTimeout);
        parameters.AddDuration(record.Expiry.Lifetime);
        parameters.AddMoment(record.Expiry.AbsoluteExpiresAt);
        parameters.AddBoolean(record.Expiry.IsPersistent);
        parameters.AddText(record.Subject);
        parameters.AddJson(SessionJson.Write(record.Values));
        parameters.AddBigint(record.Values.Count);
        parameters.AddBigint(record.Values.TotalBytes);
    }
}
