namespace KvSessions.Stores.Sqlite;

internal sealed class CreateOperation(SessionRecord record) : WriteOperation<bool>
{
    protected override bool Execute(SessionTable table, DateTimeOffset now)
    {
        if (table.Contains(record.Handle))
        {
            return false;
        }

        table.Insert(record.AcceptedAt(now));
        return true;
    }
}
