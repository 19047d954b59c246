using StackExchange.Redis;

namespace KvSessions.Stores.Redis;

/// <summary>A configuration string with defaults that suit a store whose callers wait for one second.</summary>
internal static class RedisConfiguration
{
    // What comes later in a configuration string counts, so whatever the caller says is kept.
    private const string Defaults =
        "abortConnect=false,connectRetry=1,connectTimeout=2000,asyncTimeout=750,syncTimeout=750,keepAlive=15,configCheckSeconds=10,";

    private const int ReconnectMilliseconds = 500;

    /// <exception cref="ArgumentException">The text is no configuration, or names no server. Its message does not quote it: it may hold a password.</exception>
    public static ConfigurationOptions Parse(string configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(Defaults + configuration);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            // Without the exception, which quotes what it does not understand.
            throw new ArgumentException("The Redis configuration string cannot be read: see https://stackexchange.github.io/StackExchange.Redis/Configuration.", nameof(configuration));
        }

        if (options.EndPoints.Count == 0)
        {
            throw new ArgumentException("The Redis configuration string names no server.", nameof(configuration));
        }

        // A command for a server that is away fails at once and has then certainly not been sent. A queue would hold it until the
        // caller has given up, and might send it after all.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry(ReconnectMilliseconds);
        options.IncludeDetailInExceptions = false;
        return options;
    }
}
