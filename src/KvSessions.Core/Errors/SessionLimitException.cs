namespace KvSessions;

/// <summary>A session would hold more than <see cref="SessionLimits"/> allows. Nothing was changed.</summary>
public sealed class SessionLimitException : Exception
{
    /// <summary>The limit <paramref name="limit"/> (a property of <see cref="SessionLimits"/>) of <paramref name="maximum"/> is exceeded.</summary>
    /// <param name="limit">The name of the limit.</param>
    /// <param name="maximum">Its value.</param>
    /// <param name="actual">What it would have been.</param>
    /// <param name="key">The key that is too long or whose value is too large; <see langword="null"/> where the session as a whole is.</param>
    public SessionLimitException(string limit, long maximum, long actual, string? key = null)
        : base(key is null
            ? $"The session is over its limit: {limit} is {maximum}, and it would be {actual}."
            : $"The session key '{key}' is over its limit: {limit} is {maximum}, and it would be {actual}.")
    {
        Limit = limit;
        Key = key;
    }

    /// <summary>The name of the limit, a property of <see cref="SessionLimits"/>.</summary>
    public string Limit { get; }

    /// <summary>The key at fault, if it is a single one.</summary>
    public string? Key { get; }
}
