namespace KvSessions.Stores.Memory;

/// <summary>The settings of an <see cref="ActorStore"/>.</summary>
public sealed class ActorStoreOptions
{
    /// <summary>How long a call waits for its reply. 1 second by default; more than zero, at most 1 minute.</summary>
    public TimeSpan ReplyTimeout { get; set; } = TimeSpan.FromSeconds(1);
}
