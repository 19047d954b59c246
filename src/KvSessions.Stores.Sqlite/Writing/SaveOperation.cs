namespace KvSessions.Stores.Sqlite;

internal sealed class SaveOperation(SessionHandle handle, SessionChanges changes) : WriteOperation<SaveResult>
{
    protected override SaveResult Execute(SessionTable table, DateTimeOffset now)
    {
        long valuesId = 0;
        var record = changes.IsTouch ? table.Find(handle, now) : table.FindWithValues(handle, now, out valuesId);
        if (record is null)
        {
            return SaveResult.Gone;
        }

        var result = record.Apply(changes, now, out var next);
        if (result.Status != SaveStatus.Saved)
        {
            return result;
        }

        if (changes.IsTouch)
        {
            table.Touch(next);
            return result;
        }

        table.Update(next);
        if (changes.ChangesValues)
        {
            table.UpdateValues(valuesId, next.Values);
        }

        return result;
    }
}
