using System.Security.Cryptography;
using System.Text;

namespace KvSessions.Stores.Postgres;

/// <summary>What a channel is called.</summary>
internal static class ChannelName
{
    /// <summary>https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS: a channel is an identifier.</summary>
    public const int Longest = 63;

    /// <summary>The name for a table: its own, or a hash of that where it is too long.</summary>
    public static string Of(string schema, string table)
    {
        var name = $"{schema}.{table}";
        return name.Length <= Longest ? name : $"kvsessions.{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(name)).AsSpan(0, 16))}";
    }
}
