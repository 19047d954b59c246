namespace KvSessions;

/// <summary>
/// A value could not be encoded or decoded. The session and its other keys are unharmed, and so are the stored bytes.
/// </summary>
public sealed class SessionCodecException : Exception
{
    // The cause is named by its type only: its message may well quote the value.
    internal SessionCodecException(string verb, string key, Type valueType, Exception cause)
        : base($"The value of session key '{key}' could not be {verb} as {valueType} ({cause.GetType().Name}).")
    {
        Key = key;
        ValueType = valueType;
    }

    /// <summary>The key's name.</summary>
    public string Key { get; }

    /// <summary>The type that the key has in the application.</summary>
    public Type ValueType { get; }
}
