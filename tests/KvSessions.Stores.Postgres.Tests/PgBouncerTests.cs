using KvSessions.TestServers;

namespace KvSessions.Stores.Postgres.Tests;

/// <summary>Behind a proxy that gives each transaction another connection.</summary>
public sealed class PgBouncerTests
{
    // Debian's is older than 1.21, the first one that knows prepared statements.
    private const string Unprepared = "Max Auto Prepare=0;Maximum Pool Size=40";

    [Fact]
    public async Task Forty_clients_share_three_connections_and_lose_nothing()
    {
        const int Clients = 40;
        const int Rounds = 10;
        await using var schema = await PostgresSchema.CreateAsync();
        await using var bouncer = await PgBouncer.StartAsync(schema.ConnectionString, poolSize: 3);
        var store = await schema.NewMigratedStoreAsync(options => options.ConnectionString = $"{bouncer.ConnectionString};{Unprepared}");
        var (shared, counted) = (schema.NewRecord(), schema.NewRecord());
        await store.CreateAsync(shared);
        await store.CreateAsync(counted);

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                await store.SaveAsync(shared.Handle, new() { Sets = PostgresSchema.Set(($"{client}/{round}", "x")) });
            }

            await Counter.IncrementAsync(store, counted.Handle);
            await AllVerbs.CallAsync(schema, store);
        })));

        Assert.Equal((Clients * Rounds) + 1, (await store.LoadAsync(shared.Handle))!.Values.Count);
        Assert.Equal(Clients, Counter.Read((await store.LoadAsync(counted.Handle))!));
    }

    [Fact]
    public async Task A_limit_holds_behind_it()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await using var bouncer = await PgBouncer.StartAsync(schema.ConnectionString, poolSize: 5);
        var store = await schema.NewMigratedStoreAsync(options => options.ConnectionString = $"{bouncer.ConnectionString};{Unprepared}");

        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Run(async () =>
        {
            await store.AdmitAsync(null, schema.NewRecord("ada"), new SubjectLimit(2, SubjectLimitRule.EvictOldest));
            Assert.InRange((await store.FindBySubjectAsync("ada", 100)).Records.Count, 1, 2);
        })));

        Assert.Equal(2, (await store.DeleteBySubjectAsync("ada")).Count);
    }

    [Fact]
    public async Task A_connection_string_that_says_nothing_of_it_is_used_without_prepared_statements()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await using var bouncer = await PgBouncer.StartAsync(schema.ConnectionString, poolSize: 3);
        var store = await schema.NewMigratedStoreAsync(options => options.ConnectionString = $"{bouncer.ConnectionString};Maximum Pool Size=20");

        // Prepared ones would meet those of other clients, which have the same names: in the best case they are missing.
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            for (var round = 0; round < 5; round++)
            {
                await AllVerbs.CallAsync(schema, store);
            }
        })));
    }
}
