using System.Transactions;
using Dapper;
using Npgsql;

namespace KvSessions.Stores.Postgres.Tests;

public sealed class ConnectionTests
{
    [Fact]
    public async Task Sixty_four_connections_at_once_lose_no_key_and_no_count()
    {
        const int Clients = 64;
        const int Rounds = 15;
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync(options =>
            options.ConnectionString = schema.ConnectionStringFor(builder => (builder.MinPoolSize, builder.MaxPoolSize) = (Clients, Clients)));
        var (shared, counted) = (schema.NewRecord(values: []), schema.NewRecord(values: []));
        await store.CreateAsync(shared);
        await store.CreateAsync(counted);
        await using var other = await schema.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await other.ExecuteAsync($"SELECT FROM {schema.Table} FOR UPDATE");

        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var result = await store.SaveAsync(shared.Handle, new() { Sets = PostgresSchema.Set(($"{client}/{round}", "x")) });
                Assert.Equal(SaveStatus.Saved, result.Status);
            }

            await Counter.IncrementAsync(store, counted.Handle);
        })).ToList();

        // All of them wait for one lock, each on a connection of its own.
        await schema.WaitForLocksAsync(Clients);
        await transaction.RollbackAsync();
        await Task.WhenAll(clients);

        Assert.Equal((Clients * Rounds) + 1, (await store.LoadAsync(shared.Handle))!.Version);
        Assert.Equal(Clients, Counter.Read((await store.LoadAsync(counted.Handle))!));
    }

    [Fact]
    public async Task A_data_source_of_the_applications_outlives_the_store()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await using var dataSource = NpgsqlDataSource.Create(schema.ConnectionString);
        var store = await schema.NewMigratedStoreAsync(options => (options.ConnectionString, options.DataSource) = (null, dataSource));
        var record = schema.NewRecord();
        await store.CreateAsync(record);

        await store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.LoadAsync(record.Handle));
        await using var connection = await dataSource.OpenConnectionAsync();
        Assert.Equal(1, await connection.ExecuteScalarAsync<int>($"SELECT count(*) FROM {schema.Table}"));
    }

    [Fact]
    public async Task A_disposed_store_closes_its_own_connections_and_answers_no_more()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        await store.CreateAsync(schema.NewRecord());

        await store.DisposeAsync();
        await store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.LoadAsync(SessionId.New().Handle));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.MigrateUpAsync());
        await schema.WaitForNoConnectionAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_is_no_part_of_an_ambient_transaction(bool isDataSource)
    {
        await using var schema = await PostgresSchema.CreateAsync();

        // Of a data source of the application's it is not known whether it enlists; by default it does.
        await using var dataSource = NpgsqlDataSource.Create(schema.ConnectionString);
        var store = await schema.NewMigratedStoreAsync(options =>
        {
            if (isDataSource)
            {
                (options.ConnectionString, options.DataSource) = (null, dataSource);
            }
        });
        var record = schema.NewRecord();
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await store.CreateAsync(record);

            // Not completed: whatever is part of it is rolled back.
        }

        Assert.NotNull(await store.LoadAsync(record.Handle));
    }

    [Fact]
    public async Task Without_prepared_statements_every_verb_works_as_well()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync(options =>
            options.ConnectionString = schema.ConnectionString + ";Max Auto Prepare=0");

        for (var round = 0; round < 3; round++)
        {
            await AllVerbs.CallAsync(schema, store);
        }
    }
}
