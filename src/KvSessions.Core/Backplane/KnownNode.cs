namespace KvSessions;

/// <summary>What is known of another node.</summary>
internal sealed class KnownNode
{
    /// <summary>Its newest message.</summary>
    public long Sequence { get; set; }

    /// <summary>When that came in.</summary>
    public TimeSpan HeardAt { get; set; }

    /// <summary>
    /// When the newest own message was sent that came in before it: it was at the backplane later than that, however long it took from
    /// there. <see cref="TimeSpan.MinValue"/> if nothing is proven.
    /// </summary>
    public TimeSpan ProvenAt { get; set; } = TimeSpan.MinValue;

    /// <summary>Whether it has said that it stops, and that nothing of it is to come.</summary>
    public bool HasLeft { get; set; }

    /// <summary>Whether it has stopped while writes of its own might yet be applied.</summary>
    public bool HasLeftDoubt { get; set; }
}
