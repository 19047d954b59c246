namespace KvSessions.Stores.Postgres;

/// <summary>What a statement does, which decides whether it may be repeated when its answer is lost, and what that is called.</summary>
internal enum StatementKind
{
    /// <summary>Changes nothing.</summary>
    Read,

    /// <summary>Changes something, and doing it twice is the same as doing it once.</summary>
    RepeatableWrite,

    /// <summary>Changes something.</summary>
    Write,

    /// <summary>Changes the schema.</summary>
    Migration,
}
