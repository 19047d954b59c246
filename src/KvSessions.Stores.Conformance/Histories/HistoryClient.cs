using System.Globalization;
using System.Text;

namespace KvSessions.Stores.Conformance;

/// <summary>One client of a history: calls the store with the history's own handles and subjects, and remembers the versions that it saw.</summary>
internal sealed class HistoryClient(SessionStoreHarness harness, HistoryClock clock, SessionHandle[] handles, string prefix)
{
    private readonly long[] _seen = new long[handles.Length];

    // Asked for anew each time, for a restart may make it another one.
    public ISessionStore Store => harness.Store;

    public SessionHandle Handle(int session) => handles[session];

    public int Number(SessionHandle handle) => Array.IndexOf(handles, handle);

    public string Name(string subject) => prefix + subject;

    public void Saw(int session, long version) => _seen[session] = version;

    public long LastSeen(int session) => _seen[session];

    public SessionRecord NewRecord(int session, long version, int value, string? subject, TimeSpan? idle, TimeSpan? lifetime) =>
        new()
        {
            Handle = Handle(session),
            Version = version,
            CreatedAt = harness.Now,
            LastSeenAt = harness.Now,
            Expiry = new SessionExpiry { IdleTimeout = idle, Lifetime = lifetime },
            Subject = subject is null ? null : Name(subject),
            Values = Values("a", value),
        };

    public static SessionValues Values(string key, int value) =>
        SessionValues.From([new(key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)))]);

    public ModelSession? ToModel(SessionRecord? record)
    {
        if (record is null)
        {
            return null;
        }

        var values = ModelValues.Empty.Entries;
        foreach (var (key, value) in record.Values)
        {
            values = values.Add(key, int.Parse(value.Span, NumberStyles.None, CultureInfo.InvariantCulture));
        }

        return new ModelSession(
            record.Version,
            new(values),
            clock.ToModel(record.LastSeenAt),
            record.Expiry.IdleTimeout?.Ticks,
            record.AbsoluteExpiresAt is { } end ? clock.ToModel(end) : null,
            record.Subject?[prefix.Length..]);
    }
}
