using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace KvSessions.Stores.Postgres;

/// <summary>The names of the tables as SQL has them, and the advisory locks that go with them.</summary>
/// <remarks>The names have been validated, so quoting them is enough.</remarks>
internal sealed class TableNames(string schema, string table)
{
    // 64 bits that any node computes alike. Advisory locks belong to a database, so its name need not be in it
    // (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS).
    private readonly string _lockPrefix = $"KvSessions\0{schema}\0{table}\0";

    public string Schema { get; } = schema;

    /// <summary>What messages call the table.</summary>
    public string Plain { get; } = $"{schema}.{table}";

    public string QuotedSchema { get; } = $"\"{schema}\"";

    public string Sessions { get; } = $"\"{schema}\".\"{table}\"";

    public string VersionTable { get; } = $"{table}_schema";

    public string Version { get; } = $"\"{schema}\".\"{table}_schema\"";

    /// <summary>A constraint's or an index's own name, which takes no schema.</summary>
    public string Part(string suffix) => $"\"{table}_{suffix}\"";

    /// <summary>The key of the lock that whoever moves the sessions of a subject holds.</summary>
    public long SubjectLock(string subject) => Lock("subject\0" + subject);

    /// <summary>The key of the lock that whoever migrates holds.</summary>
    public long MigrationLock() => Lock("migration");

    private long Lock(string name) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(_lockPrefix + name)));
}
