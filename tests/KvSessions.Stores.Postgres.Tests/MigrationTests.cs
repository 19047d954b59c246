using Dapper;
using Npgsql;

namespace KvSessions.Stores.Postgres.Tests;

public sealed class MigrationTests
{
    // What there is in a schema, and how it is made.
    private const string Catalog =
        """
        SELECT format('%s %s %s %s', c.relkind, c.relpersistence, c.relname, c.reloptions) FROM pg_class c WHERE c.relnamespace = @Name::regnamespace
        UNION ALL
        SELECT format('%s.%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation, pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = @Name::regnamespace AND a.attnum > 0
        UNION ALL
        SELECT indexdef FROM pg_indexes WHERE schemaname = @Name
        UNION ALL
        SELECT format('%s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = @Name::regnamespace
        ORDER BY 1
        """;

    [Fact]
    public async Task Thirty_two_nodes_migrate_at_once()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var stores = Enumerable.Range(0, 32)
            .Select(_ => schema.NewStore(options => options.ConnectionString = schema.ConnectionStringFor(static builder => builder.MaxPoolSize = 2)))
            .ToList();

        await Task.WhenAll(stores.Select(static store => Task.Run(() => store.MigrateUpAsync())));

        var record = schema.NewRecord();
        Assert.True(await stores[0].CreateAsync(record));
        Assert.All(await Task.WhenAll(stores.Select(async store => await store.LoadAsync(record.Handle))), Assert.NotNull);
        await using var connection = await schema.OpenAsync();
        Assert.Equal(
            Migration.All.Select(static migration => migration.Number),
            await connection.QueryAsync<int>($"SELECT version FROM {schema.Table}_schema ORDER BY version"));
    }

    [Fact]
    public async Task Down_to_nothing_leaves_no_trace_but_what_others_put_there_and_up_works_again()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        await schema.ExecuteAsync($"CREATE TABLE {schema.Name}.orders (id integer); INSERT INTO {schema.Name}.orders VALUES (7)");
        await store.CreateAsync(schema.NewRecord());
        var before = await CatalogAsync(schema);

        await store.MigrateDownAsync();

        Assert.Equal(2, (await CatalogAsync(schema)).Count);
        await store.MigrateUpAsync();
        Assert.Equal(before, await CatalogAsync(schema));
        Assert.Equal(new MigrationStatus(Migration.Latest, Migration.Latest), await store.GetMigrationStatusAsync());
        Assert.Equal(7, await schema.ScalarAsync<int>($"SELECT id FROM {schema.Name}.orders"));

        // On connections whose statements were prepared for tables that are gone.
        Assert.Equal(0, await schema.ScalarAsync<int>($"SELECT count(*) FROM {schema.Table}"));
        await AllVerbs.CallAsync(schema, store);
    }

    [Fact]
    public async Task The_script_makes_what_migrating_makes_and_takes_it_away_again()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var options = new PostgresStoreOptions { Schema = schema.Name };
        var empty = await CatalogAsync(schema);
        var store = await schema.NewMigratedStoreAsync();
        var migrated = await CatalogAsync(schema);
        await store.MigrateDownAsync();

        await schema.ExecuteAsync(PostgresStore.GetMigrateUpScript(options));
        Assert.Equal(migrated, await CatalogAsync(schema));
        Assert.False((await store.GetMigrationStatusAsync()).IsPending);
        await store.MigrateUpAsync();
        await AllVerbs.CallAsync(schema, store);

        await schema.ExecuteAsync(PostgresStore.GetMigrateDownScript(options));
        Assert.Equal(empty, await CatalogAsync(schema));
    }

    [Fact]
    public void The_script_is_what_is_run()
    {
        var names = new TableNames("public", "kv_sessions");
        var script = new MigrationScript(names, unlogged: false);

        foreach (var migration in Migration.All)
        {
            Assert.Contains($"BEGIN;\n\n{script.LockStatement}\n\n{script.Up(migration)}\n\nCOMMIT;", PostgresStore.GetMigrateUpScript());
            Assert.Contains($"BEGIN;\n\n{script.LockStatement}\n\n{script.Down(migration)}\n\nCOMMIT;", PostgresStore.GetMigrateDownScript());
            Assert.DoesNotContain("{", script.Up(migration) + script.Down(migration));
        }

        Assert.Equal("", PostgresStore.GetMigrateUpScript(fromVersion: Migration.Latest));
        Assert.Equal("", PostgresStore.GetMigrateDownScript(targetVersion: Migration.Latest));
        Assert.Throws<ArgumentOutOfRangeException>(() => PostgresStore.GetMigrateUpScript(fromVersion: Migration.Latest + 1));
        Assert.Throws<ArgumentException>(() => PostgresStore.GetMigrateUpScript(new() { Table = "a; DROP TABLE b" }));
    }

    [Fact]
    public async Task A_script_that_is_run_twice_changes_nothing_the_second_time()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        var record = schema.NewRecord();
        await store.CreateAsync(record);

        await Assert.ThrowsAsync<PostgresException>(() => schema.ExecuteAsync(PostgresStore.GetMigrateUpScript(new() { Schema = schema.Name })));

        Assert.NotNull(await store.LoadAsync(record.Handle));
    }

    [Fact]
    public async Task A_newer_schema_is_refused_by_everything_and_left_as_it_is()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await schema.NewMigratedStoreAsync();
        await schema.ExecuteAsync($"INSERT INTO {schema.Table}_schema VALUES (99)");
        var before = await CatalogAsync(schema);
        var store = schema.NewStore();
        Func<Task>[] calls =
        [
            () => store.MigrateUpAsync(),
            () => store.MigrateDownAsync(),
            async () => await store.LoadAsync(SessionId.New().Handle),
            async () => await store.CreateAsync(schema.NewRecord()),
        ];

        foreach (var call in calls)
        {
            var exception = await Assert.ThrowsAsync<SessionStoreException>(call);
            Assert.Equal(SessionStoreError.Corrupt, exception.Error);
            Assert.Contains("99", exception.Message);
            Assert.Contains($"up to {Migration.Latest}", exception.Message);
        }

        Assert.True((await store.GetMigrationStatusAsync()).IsNewer);
        Assert.Equal(before, await CatalogAsync(schema));
        Assert.Equal(0, await schema.ScalarAsync<int>($"SELECT count(*) FROM {schema.Table}"));
    }

    [Fact]
    public async Task An_unmigrated_store_says_what_to_call_and_works_once_that_is_done()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = schema.NewStore();

        var read = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.LoadAsync(SessionId.New().Handle));
        var write = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.CreateAsync(schema.NewRecord()));

        Assert.All([read, write], exception =>
        {
            Assert.Equal(SessionStoreError.Unavailable, exception.Error);
            Assert.Contains("MigrateUpAsync()", exception.Message);
            Assert.Contains(".MigrateOnStartup()", exception.Message);
        });
        Assert.Equal(new MigrationStatus(0, Migration.Latest), await store.GetMigrationStatusAsync());
        await store.MigrateUpAsync();
        Assert.Null(await store.LoadAsync(SessionId.New().Handle));
    }

    [Fact]
    public async Task A_role_without_the_right_to_make_tables_is_told_so_and_makes_nothing()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var role = await schema.NewRoleAsync();
        var store = schema.NewStore(options => options.ConnectionString = role);

        var exception = await Assert.ThrowsAsync<SessionStoreException>(() => store.MigrateUpAsync());

        Assert.Equal(SessionStoreError.Unavailable, exception.Error);
        Assert.Contains("migrating needs the right to make tables", exception.Message);
        Assert.Empty(await CatalogAsync(schema));
    }

    [Fact]
    public async Task A_database_that_has_no_room_for_every_text_is_refused()
    {
        await using var schema = await PostgresSchema.CreateWithDatabaseAsync("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");

        var exception = await Assert.ThrowsAsync<SessionStoreException>(() => schema.NewStore().MigrateUpAsync());

        Assert.Contains("UTF8", exception.Message);
        Assert.Empty(await CatalogAsync(schema));
    }

    [Fact]
    public async Task A_schema_that_is_missing_is_made_and_never_removed()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await schema.ExecuteAsync($"DROP SCHEMA {schema.Name}");
        var store = await schema.NewMigratedStoreAsync();

        await store.MigrateDownAsync();

        Assert.Equal(1, await schema.ScalarAsync<int>("SELECT count(*) FROM pg_namespace WHERE nspname = @Name", new { schema.Name }));
    }

    [Fact]
    public async Task A_migration_that_is_cancelled_is_rolled_back()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = schema.NewStore();
        await using var other = await schema.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await other.ExecuteAsync(new MigrationScript(new TableNames(schema.Name, "kv_sessions"), false).LockStatement);
        using var cancellation = new CancellationTokenSource();

        // Another node is at it, for ever.
        var migration = store.MigrateUpAsync(cancellation.Token);
        await schema.WaitForLocksAsync(1);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => migration);
        Assert.Empty(await CatalogAsync(schema));
        await transaction.RollbackAsync();
        await store.MigrateUpAsync();
    }

    [Fact]
    public async Task An_unlogged_table_is_made_where_it_is_asked_for()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync(static options => options.Unlogged = true);

        Assert.Equal('u', await schema.ScalarAsync<char>($"SELECT relpersistence FROM pg_class WHERE oid = '{schema.Table}'::regclass"));
        Assert.Equal('p', await schema.ScalarAsync<char>($"SELECT relpersistence FROM pg_class WHERE oid = '{schema.Table}_schema'::regclass"));
        await AllVerbs.CallAsync(schema, store);
    }

    [Fact]
    public async Task The_static_overloads_take_a_connection_string_and_a_data_source()
    {
        await using var schema = await PostgresSchema.CreateWithDatabaseAsync();
        var connectionString = schema.ConnectionStringFor(static builder => builder.SearchPath = null);
        await using var dataSource = NpgsqlDataSource.Create(connectionString);

        await PostgresStore.MigrateUpAsync(connectionString);
        Assert.Equal(Migration.Latest, (await PostgresStore.GetMigrationStatusAsync(dataSource)).Current);
        await PostgresStore.MigrateDownAsync(dataSource);
        Assert.Equal(0, (await PostgresStore.GetMigrationStatusAsync(connectionString)).Current);
        await PostgresStore.MigrateUpAsync(dataSource);
        await PostgresStore.MigrateDownAsync(connectionString);

        await using var connection = await dataSource.OpenConnectionAsync();
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"));
    }

    [Fact]
    public void Each_migration_has_the_next_number() =>
        Assert.Equal(Enumerable.Range(1, Migration.Latest), Migration.All.Select(static migration => migration.Number));

    private static async Task<List<string>> CatalogAsync(PostgresSchema schema)
    {
        await using var connection = await schema.OpenAsync();
        return [.. await connection.QueryAsync<string>(Catalog, new { schema.Name })];
    }
}
