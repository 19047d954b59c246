using Npgsql;

namespace KvSessions.Stores.Postgres;

/// <summary>What a renewal or an admission answered.</summary>
internal readonly record struct PutOutcome(AdmitResult Result)
{
    private const int Saved = 0;
    private const int Gone = 1;
    private const int Conflict = 2;
    private const int WrongIsolation = 4;

    public static PutOutcome Read(NpgsqlDataReader row, TableNames names) =>
        new(row.GetInt32(0) switch
        {
            Saved => AdmitResult.Admitted(
                SaveResult.Saved(row.GetInt64(1), SessionRow.Moment(row, 2), SessionRow.Expiry(row, 3)),
                row.IsDBNull(6) ? [] : [.. row.GetFieldValue<byte[][]>(6).Select(static handle => new SessionHandle(handle))]),
            Gone => AdmitResult.NotSaved(SaveResult.Gone),
            Conflict => AdmitResult.NotSaved(SaveResult.Conflict),
            WrongIsolation => throw Isolation.Fault(names),
            _ => AdmitResult.Refused,
        });
}
