using System.Globalization;
using KvSessions.Bench;
using KvSessions.Stores.Memory;
using KvSessions.Stores.Sqlite;
using Microsoft.Extensions.Options;

// How many sessions: a million, unless the first argument says otherwise.
var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
Console.WriteLine("| store | sessions | created in | bytes a session | half swept in | reads/s before | during | ratio |");
Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|");

var clock = new MovableClock();
var memory = new MemoryStore(Options.Create(new MemoryStoreOptions { MaxSessions = count }), clock);
await Trial.RunAsync("memory", memory, clock, count, static () => GC.GetTotalMemory(forceFullCollection: true));

var directory = Directory.CreateTempSubdirectory("kvsessions-million");
try
{
    var file = Path.Combine(directory.FullName, "sessions.db");
    await using (var sqlite = new SqliteStore(new SqliteStoreOptions { DataSource = file }, clock))
    {
        await sqlite.MigrateUpAsync();
        await Trial.RunAsync("SQLite", sqlite, clock, count, () => new FileInfo(file).Length);
    }
}
finally
{
    directory.Delete(recursive: true);
}
