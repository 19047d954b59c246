namespace KvSessions.Stores.Sqlite;

/// <summary>The decision that renewing and admitting share.</summary>
internal static class Renewal
{
    /// <summary>Whether <paramref name="record"/> may be added, in the place of <paramref name="old"/> if there is one.</summary>
    public static SaveStatus Check(SessionTable table, SessionHandle? old, SessionRecord record, DateTimeOffset now)
    {
        if (old is { } handle)
        {
            var status = table.Find(handle, now)?.CanBecome(record, now) ?? SaveStatus.Gone;
            if (status != SaveStatus.Saved)
            {
                return status;
            }
        }

        return table.Contains(record.Handle) ? SaveStatus.Conflict : SaveStatus.Saved;
    }

    public static SaveResult Refusal(SaveStatus status) => status == SaveStatus.Gone ? SaveResult.Gone : SaveResult.Conflict;
}
