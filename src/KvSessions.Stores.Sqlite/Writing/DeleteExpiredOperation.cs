namespace KvSessions.Stores.Sqlite;

internal sealed class DeleteExpiredOperation(int batchSize) : WriteOperation<int>
{
    protected override int Execute(SessionTable table, DateTimeOffset now) => table.DeleteExpired(batchSize, now);
}
