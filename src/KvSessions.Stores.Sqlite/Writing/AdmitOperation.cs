namespace KvSessions.Stores.Sqlite;

internal sealed class AdmitOperation(SessionHandle? old, SessionRecord record, SubjectLimit limit) : WriteOperation<AdmitResult>
{
    protected override AdmitResult Execute(SessionTable table, DateTimeOffset now)
    {
        var status = Renewal.Check(table, old, record, now);
        if (status != SaveStatus.Saved)
        {
            return AdmitResult.NotSaved(Renewal.Refusal(status));
        }

        var others = table.FindBySubject(record.Subject!, now);
        others.RemoveAll(other => other.Handle == old);
        if (!limit.TryMakeRoom(others, out var evicted))
        {
            return AdmitResult.Refused;
        }

        var accepted = record.AcceptedAt(now);
        table.Insert(accepted);
        if (old is { } replaced)
        {
            table.Delete(replaced, now);
        }

        foreach (var handle in evicted)
        {
            table.Delete(handle, now);
        }

        return AdmitResult.Admitted(SaveResult.Saved(accepted), evicted);
    }
}
