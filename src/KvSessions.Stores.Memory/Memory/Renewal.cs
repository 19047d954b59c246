namespace KvSessions.Stores.Memory;

/// <summary>One session becoming another; see <see cref="Slot"/>.</summary>
internal sealed class Renewal(Slot from, SessionRecord record)
{
    public Slot From { get; } = from;

    public SessionRecord Record { get; } = record;
}
