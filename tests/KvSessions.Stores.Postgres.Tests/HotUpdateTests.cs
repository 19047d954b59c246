using System.Diagnostics;
using Dapper;
using KvSessions.TestServers;

namespace KvSessions.Stores.Postgres.Tests;

public sealed class HotUpdateTests
{
    [Fact]
    public async Task Nine_touches_of_ten_leave_the_indexes_alone()
    {
        const int Sessions = 300;
        const int Touches = 3_000;

        // A server of its own: while another test's transaction goes on, in whatever database, PostgreSQL does not look anew which rows are dead.
        await using var server = await PostgresServer.StartOwnAsync();
        await using var schema = await PostgresSchema.CreateAsync(server);
        var store = await schema.NewMigratedStoreAsync();
        var records = Enumerable.Range(0, Sessions)
            .Select(i => schema.NewRecord(i % 2 == 0 ? null : $"user {i}", values: [.. Enumerable.Range(0, 9).Select(static i => ($"key{i}", new string('v', 72)))]))
            .ToList();
        foreach (var record in records)
        {
            await store.CreateAsync(record);
        }

        // One after another: a transaction that a busy machine suspends would keep every page from being cleared.
        for (var i = 0; i < Touches; i++)
        {
            // In an order in which no page has a rest from it.
            Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(records[i * 7 % Sessions].Handle, SessionChanges.Touch)).Status);
        }

        await store.DisposeAsync();

        // A connection reports what it did when it ends.
        var (updates, hot) = (0L, 0L);
        for (var waited = Stopwatch.StartNew(); updates < Touches && waited.Elapsed < TimeSpan.FromSeconds(60);)
        {
            await using var connection = await schema.OpenAsync();
            (updates, hot) = await connection.QuerySingleAsync<(long, long)>(
                "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE schemaname = @Name AND relname = 'kv_sessions'", new { schema.Name });
        }

        Assert.Equal(Touches, updates);
        TestContext.Current.SendDiagnosticMessage($"{hot} of {updates} touches were HOT updates.");
        Assert.True(hot >= updates * 0.9, $"Only {hot} of {updates} touches were HOT updates.");
    }
}
