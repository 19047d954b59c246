namespace KvSessions.Stores.Postgres;

/// <summary>Every statement on sessions, with the names of one store's tables in it. Each answers a verb in one round trip.</summary>
internal sealed class Statements(TableNames names)
{
    // https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADVISORY-LOCKS: let go at the end of the transaction, which is
    // that of the batch.
    public const string Lock = $"SELECT pg_advisory_xact_lock($1), {Isolation.Level}";

    public Query<SessionHandle, SessionRecord> Load { get; } = new(
        $"SELECT {SessionRow.Columns} FROM {names.Sessions} s WHERE s.handle = $1 AND {SessionSql.IsLive}",
        StatementKind.Read,
        static (parameters, handle) => parameters.AddHandle(handle),
        static (row, handle, _) => SessionRow.Read(row, handle));

    public Query<SessionHandle, long?> LoadVersion { get; } = new(
        $"SELECT s.format, s.version FROM {names.Sessions} s WHERE s.handle = $1 AND {SessionSql.IsLive}",
        StatementKind.Read,
        static (parameters, handle) => parameters.AddHandle(handle),
        static (row, handle, _) =>
        {
            SessionRow.ThrowIfUnknownFormat(row.GetInt16(0), handle);
            return row.GetInt64(1);
        });

    public Query<SessionRecord, bool> Create { get; } = InsertStatement.Create(names);

    // Runs under the lock of the subject.
    public Query<SessionRecord, bool> CreateOfSubject { get; } = InsertStatement.Create(names, $"WHERE NOT {Isolation.IsWrong}");

    public Query<SaveArguments, SaveOutcome> Touch { get; } = SaveStatement.Touch(names);

    public Query<SaveArguments, SaveOutcome> SaveValues { get; } = SaveStatement.Values(names, measures: false);

    public Query<SaveArguments, SaveOutcome> MeasureAndSaveValues { get; } = SaveStatement.Values(names, measures: true);

    public Query<SaveArguments, SaveOutcome> SaveExpiry { get; } = SaveStatement.Expiry(names);

    public Query<SaveArguments, SaveOutcome> SaveValuesAndExpiry { get; } = SaveStatement.ValuesAndExpiry(names, measures: false);

    public Query<SaveArguments, SaveOutcome> MeasureAndSaveValuesAndExpiry { get; } = SaveStatement.ValuesAndExpiry(names, measures: true);

    // Deletes an expired row as well: one that a save is about to keep alive must not escape.
    public Query<SessionHandle, bool> Delete { get; } = new(
        $"DELETE FROM {names.Sessions} s WHERE s.handle = $1 RETURNING {SessionSql.IsLive}",
        StatementKind.Write,
        static (parameters, handle) => parameters.AddHandle(handle),
        static (row, _, _) => row.GetBoolean(0));

    public Query<PutArguments, PutOutcome> Renew { get; } = PutStatement.Renew(names);

    public Query<PutArguments, PutOutcome> Admit { get; } = PutStatement.Admit(names);

    public Query<(string Subject, byte[] After, long Limit), List<SessionRecord>> FindBySubject { get; } = new(
        $"""
        SELECT {SessionRow.Columns}, s.handle
        FROM {names.Sessions} s
        WHERE s.subject = $1 AND s.handle > $2 AND {SessionSql.IsLive}
        ORDER BY s.handle
        LIMIT $3
        """,
        StatementKind.Read,
        static (parameters, find) =>
        {
            parameters.AddText(find.Subject);
            parameters.AddBytes(find.After);
            parameters.AddBigint(find.Limit);
        },
        static (row, _, records) =>
        {
            records ??= [];
            records.Add(SessionRow.Read(row, new SessionHandle(row.GetFieldValue<byte[]>(SessionRow.NextColumn))));
            return records;
        });

    public Query<(string Subject, SessionHandle? Except), List<SessionHandle>> DeleteBySubject { get; } = new(
        $"""
        DELETE FROM {names.Sessions} s
        WHERE s.subject = $1 AND s.handle IS DISTINCT FROM $2 AND NOT {Isolation.IsWrong}
        RETURNING s.handle, {SessionSql.IsLive}
        """,
        StatementKind.Write,
        static (parameters, delete) =>
        {
            parameters.AddText(delete.Subject);
            parameters.AddHandle(delete.Except);
        },
        static (row, _, ended) =>
        {
            ended ??= [];
            if (row.GetBoolean(1))
            {
                ended.Add(new SessionHandle(row.GetFieldValue<byte[]>(0)));
            }

            return ended;
        });

    public Query<SweepArguments, SweepOutcome> Sweep { get; } = SweepStatement.Sweep(names);

    public Query<bool, (int Version, int ProcessId)> Check { get; } = new(
        Schema.CheckStatement(names),
        StatementKind.Read,
        static (_, _) => { },
        static (row, _, _) => (row.GetInt32(0), row.GetInt32(1)));
}
