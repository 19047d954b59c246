namespace KvSessions.Stores.Sqlite;

internal sealed class RenewOperation(SessionHandle old, SessionRecord renewed) : WriteOperation<SaveResult>
{
    protected override SaveResult Execute(SessionTable table, DateTimeOffset now)
    {
        var status = Renewal.Check(table, old, renewed, now);
        if (status != SaveStatus.Saved)
        {
            return Renewal.Refusal(status);
        }

        var accepted = renewed.AcceptedAt(now);
        table.Insert(accepted);
        table.Delete(old, now);
        return SaveResult.Saved(accepted);
    }
}
