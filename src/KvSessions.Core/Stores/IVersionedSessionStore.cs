namespace KvSessions;

/// <summary>A store that can say which version a session has more cheaply than it can load it.</summary>
public interface IVersionedSessionStore : ISessionStore
{
    /// <summary>Reads the version of a session, in one round trip and without its values.</summary>
    /// <returns>The version of a session that is there and has not expired; <see langword="null"/> if there is none.</returns>
    /// <exception cref="SessionStoreException">The store failed, or it cannot read even the version (<see cref="SessionStoreError.Corrupt"/>).</exception>
    ValueTask<long?> LoadVersionAsync(SessionHandle handle, CancellationToken ct = default);
}
