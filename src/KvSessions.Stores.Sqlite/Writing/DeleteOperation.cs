namespace KvSessions.Stores.Sqlite;

internal sealed class DeleteOperation(SessionHandle handle) : WriteOperation<bool>
{
    protected override bool Execute(SessionTable table, DateTimeOffset now) => table.Delete(handle, now);
}
