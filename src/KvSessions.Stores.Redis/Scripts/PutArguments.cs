using StackExchange.Redis;

namespace KvSessions.Stores.Redis;

/// <summary>The arguments of <c>put.lua</c>.</summary>
internal static class PutArguments
{
    private const int Fixed = 13;
    private const int ExpiryAt = 5;

    public static RedisValue[] Of(SessionRecord record, bool replaces, byte[]? owner, SubjectLimit? limit, RedisValue root)
    {
        var arguments = new RedisValue[Fixed + (2 * record.Values.Count)];
        arguments[0] = root;
        arguments[1] = replaces ? 1 : 0;
        arguments[2] = record.Version;
        arguments[3] = record.Values.TotalBytes;
        arguments[4] = Moments.ToArgument(record.CreatedAt);
        Moments.Write(record.Expiry, arguments.AsSpan(ExpiryAt, Moments.ExpiryArguments));
        arguments[9] = owner is null ? RedisValue.EmptyString : (RedisValue)owner;
        arguments[10] = record.Subject ?? RedisValue.EmptyString;
        arguments[11] = limit?.Maximum ?? RedisValue.EmptyString;
        arguments[12] = limit is { Rule: SubjectLimitRule.EvictOldest } ? 1 : 0;
        var next = Fixed;
        foreach (var (key, value) in record.Values)
        {
            arguments[next++] = key;
            arguments[next++] = value;
        }

        return arguments;
    }
}
