namespace KvSessions.Stores.Sqlite;

internal sealed class DeleteBySubjectOperation(string subject, SessionHandle? except) : WriteOperation<IReadOnlyList<SessionHandle>>
{
    protected override IReadOnlyList<SessionHandle> Execute(SessionTable table, DateTimeOffset now) =>
        table.DeleteBySubject(subject, except, now);
}
