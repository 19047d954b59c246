namespace KvSessions;

/// <summary>
/// How much one session may hold. A limit is checked before any I/O where the request knows enough, and by the store, in the same
/// atomic step as the save, where it does not. Sizes are in bytes; a key counts with its UTF-8 bytes.
/// </summary>
public sealed class SessionLimits
{
    /// <summary>The limits that apply when none are given.</summary>
    public static SessionLimits Default { get; } = new();

    /// <summary>The most keys of one session. At least 1; 1,000 by default.</summary>
    public int MaxKeys { get; set; } = 1_000;

    /// <summary>The most bytes of one key. At least 1; 256 by default.</summary>
    public int MaxKeyBytes { get; set; } = 256;

    /// <summary>The most bytes of one encoded value. At least 1; 1 MiB by default.</summary>
    public int MaxValueBytes { get; set; } = 1024 * 1024;

    /// <summary>The most bytes of all keys and encoded values of one session together. At least 1; 4 MiB by default.</summary>
    public int MaxTotalBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Checks one key and its value.</summary>
    /// <exception cref="SessionLimitException">The key or the value is over its limit.</exception>
    public void Check(string key, int valueBytes)
    {
        var keyBytes = SessionText.CountBytes(key);
        if (keyBytes > MaxKeyBytes)
        {
            throw new SessionLimitException(nameof(MaxKeyBytes), MaxKeyBytes, keyBytes, key[..Math.Min(key.Length, 32)] + "…");
        }

        if (valueBytes > MaxValueBytes)
        {
            throw new SessionLimitException(nameof(MaxValueBytes), MaxValueBytes, valueBytes, key);
        }
    }

    /// <summary>Checks the number of keys and the size of a whole session.</summary>
    /// <exception cref="SessionLimitException">There are too many keys, or they are too large together.</exception>
    public void Check(int keys, long totalBytes)
    {
        if (keys > MaxKeys)
        {
            throw new SessionLimitException(nameof(MaxKeys), MaxKeys, keys);
        }

        if (totalBytes > MaxTotalBytes)
        {
            throw new SessionLimitException(nameof(MaxTotalBytes), MaxTotalBytes, totalBytes);
        }
    }
}
