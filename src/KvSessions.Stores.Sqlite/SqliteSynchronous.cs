namespace KvSessions.Stores.Sqlite;

/// <summary>What an acknowledged write survives (https://www.sqlite.org/pragma.html#pragma_synchronous).</summary>
public enum SqliteSynchronous
{
    /// <summary>
    /// Everything that the disk itself survives, a power cut included: the log is flushed at each commit. All writes that wait at one
    /// moment share one commit, so this costs little when there are many.
    /// </summary>
    Full,

    /// <summary>
    /// The end of the process, but not a power cut or a crash of the operating system: the last moments before it may be lost, revoked
    /// sessions may be back. The file stays sound.
    /// </summary>
    Normal,
}
