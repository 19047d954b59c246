using System.Globalization;
using KvSessions.Bench;
using KvSessions.Stores.Memory;
using KvSessions.Stores.Postgres;
using KvSessions.Stores.Sqlite;
using KvSessions.TestServers;
using Microsoft.Extensions.Options;

// How many sessions: a million, unless the first argument says otherwise. Then the stores to fill; all, unless some are named.
var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
var stores = args.Length > 1 ? args[1..] : ["memory", "sqlite", "postgres"];
Console.WriteLine("| store | sessions | created in | bytes a session | half swept in | reads/s before | during | ratio |");
Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|");

if (stores.Contains("memory"))
{
    var memory = new MemoryStore(Options.Create(new MemoryStoreOptions { MaxSessions = count }));
    await Trial.RunAsync("memory", memory, count, static () => ValueTask.FromResult(GC.GetTotalMemory(forceFullCollection: true)));
}

if (stores.Contains("sqlite"))
{
    var directory = Directory.CreateTempSubdirectory("kvsessions-million");
    try
    {
        var file = Path.Combine(directory.FullName, "sessions.db");
        await using var sqlite = new SqliteStore(new SqliteStoreOptions { DataSource = file });
        await sqlite.MigrateUpAsync();
        await Trial.RunAsync("SQLite", sqlite, count, () => ValueTask.FromResult(new FileInfo(file).Length));
    }
    finally
    {
        directory.Delete(recursive: true);
    }
}

if (stores.Contains("postgres"))
{
    await using var server = await PostgresServer.StartOwnAsync(new PostgresServerOptions { Durable = true });
    await using var sizes = new PostgresSizes(server.ConnectionString);
    await using (var postgres = new PostgresStore(new PostgresStoreOptions { ConnectionString = server.ConnectionString, ConnectTimeout = TimeSpan.FromMinutes(1) }))
    {
        await postgres.MigrateUpAsync();
        await Trial.RunAsync("Postgres", postgres, count, () => sizes.OfTableAndIndexesAsync("kv_sessions"));
    }

    await sizes.PrintAsync(count);
}
