using StackExchange.Redis;

namespace KvSessions.Stores.Redis;

/// <summary>The arguments of <c>save.lua</c>.</summary>
internal static class SaveArguments
{
    private const int Fixed = 12;
    private const int ExpiryAt = 7;

    public static RedisValue[] Of(SessionChanges changes, RedisValue root)
    {
        var arguments = new RedisValue[Fixed + (2 * changes.Sets.Count) + changes.Removes.Count];
        arguments[0] = root;
        arguments[1] = changes.ExpectedVersion ?? RedisValue.EmptyString;
        arguments[2] = changes.ChangesValues ? 1 : 0;
        arguments[3] = changes.Clears ? 1 : 0;
        arguments[4] = changes.Limits.MaxKeys;
        arguments[5] = changes.Limits.MaxTotalBytes;
        arguments[6] = changes.Expiry is null ? 0 : 1;
        Moments.Write(changes.Expiry, arguments.AsSpan(ExpiryAt, Moments.ExpiryArguments));
        arguments[11] = changes.Sets.Count;
        var next = Fixed;
        foreach (var (key, value) in changes.Sets)
        {
            arguments[next++] = key;
            arguments[next++] = value;
        }

        foreach (var key in changes.Removes)
        {
            arguments[next++] = key;
        }

        return arguments;
    }
}
