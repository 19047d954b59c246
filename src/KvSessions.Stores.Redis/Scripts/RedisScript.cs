using System.Security.Cryptography;
using System.Text;

namespace KvSessions.Stores.Redis;

/// <summary>A script that is run by its SHA-1, and sent whole only to a server that does not know it yet.</summary>
internal sealed class RedisScript
{
    private RedisScript(string name)
    {
        Text = Resource("session.lua") + Resource(name);

        // Redis names scripts so (https://redis.io/docs/latest/commands/evalsha/); nothing rests on its strength.
#pragma warning disable CA5350
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Text));
#pragma warning restore CA5350
    }

    public static RedisScript Put { get; } = new("put.lua");

    public static RedisScript Save { get; } = new("save.lua");

    public static RedisScript Delete { get; } = new("delete.lua");

    public static RedisScript Find { get; } = new("find.lua");

    public static RedisScript Revoke { get; } = new("revoke.lua");

    public string Text { get; }

    public byte[] Hash { get; }

    private static string Resource(string name)
    {
        using var reader = new StreamReader(
            typeof(RedisScript).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing from the assembly."));
        return reader.ReadToEnd();
    }
}
