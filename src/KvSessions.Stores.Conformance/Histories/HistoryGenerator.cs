namespace KvSessions.Stores.Conformance;

/// <summary>Makes random programs that are worth running: few sessions, few subjects, lives that are about as long as the clock's steps.</summary>
internal sealed class HistoryGenerator(Random random, ISessionStore store, bool canRestart)
{
    public const int SessionCount = 4;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private int _values;

    public HistoryProgram Next()
    {
        var clients = random.Next(2, 5);
        return new HistoryProgram([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Round(clients))]);
    }

    private HistoryRound Round(int clients) =>
        new(
            [.. Enumerable.Range(0, clients).Select(_ => (IReadOnlyList<PlannedCall>)[.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Call())])],
            random.Next(3) == 0 ? Minute * random.Next(1, 4) : TimeSpan.Zero,
            canRestart && random.Next(20) == 0);

    private PlannedCall Call() => new(Operation(), random.Next(12) == 0 ? random.Next(3) : null);

    private HistoryOperation Operation()
    {
        var kind = random.Next(100);
        if (kind < 12 && store is ISubjectSessionStore)
        {
            return kind < 6 ? new FindOperation(Subject()) : new RevokeOperation(Subject(), random.Next(2) == 0 ? Session() : null);
        }

        return kind switch
        {
            < 17 when store is ISubjectLimitStore => new AdmitOperation(Session(), ++_values, Subject(), Minute * 2, new(2, Rule())),
            < 20 when store is IExpiredSessionStore => new SweepOperation(),
            < 38 => new CreateOperation(Session(), ++_values, SubjectOrNone(), Minute * random.Next(1, 4), Lifetime()),
            < 55 => new LoadOperation(Session()),
            < 63 => new DeleteOperation(Session()),
            < 76 => new RenewOperation(Session(), Session(), ++_values, SubjectOrNone(), Minute * 2, Lifetime()),
            _ => Save(),
        };
    }

    private SaveOperation Save() =>
        random.Next(10) switch
        {
            0 or 1 => new(Session(), null, null, false, false, null),
            2 => new(Session(), Key(), ++_values, true, random.Next(2) == 0, null),
            3 => new(Session(), null, null, false, random.Next(2) == 0, Minute * random.Next(1, 4)),
            4 => new(Session(), Key(), null, false, random.Next(2) == 0, null),
            _ => new(Session(), Key(), ++_values, false, random.Next(2) == 0, null),
        };

    private int Session() => random.Next(SessionCount);

    private string Key() => random.Next(2) == 0 ? "a" : "b";

    private string Subject() => random.Next(2) == 0 ? "ada" : "bob";

    private string? SubjectOrNone() => random.Next(2) == 0 ? Subject() : null;

    private SubjectLimitRule Rule() => random.Next(2) == 0 ? SubjectLimitRule.EvictOldest : SubjectLimitRule.RefuseNewest;

    private TimeSpan? Lifetime() => random.Next(3) == 0 ? Minute * random.Next(1, 5) : null;
}
