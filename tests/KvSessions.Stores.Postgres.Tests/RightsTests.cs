namespace KvSessions.Stores.Postgres.Tests;

public sealed class RightsTests
{
    [Fact]
    public async Task A_role_that_may_read_and_write_rows_and_nothing_else_is_enough()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await schema.NewMigratedStoreAsync();
        var role = await schema.NewRoleAsync();
        await schema.ExecuteAsync(
            $"""
            GRANT SELECT, INSERT, UPDATE, DELETE ON {schema.Table} TO {PostgresSchema.RoleOf(role)};
            GRANT SELECT ON {schema.Table}_schema TO {PostgresSchema.RoleOf(role)};
            """);
        var store = schema.NewStore(options => options.ConnectionString = role);

        // Nothing to do, so it may.
        await store.MigrateUpAsync();
        await AllVerbs.CallAsync(schema, store);
        Assert.Equal(Migration.Latest, (await store.GetMigrationStatusAsync()).Current);
        await Assert.ThrowsAsync<SessionStoreException>(() => store.MigrateDownAsync());
    }

    [Fact]
    public async Task A_role_that_lacks_a_right_is_told_which_ones_it_takes()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var owner = await schema.NewMigratedStoreAsync();
        var record = schema.NewRecord();
        await owner.CreateAsync(record);
        var role = await schema.NewRoleAsync();
        await schema.ExecuteAsync($"GRANT SELECT ON {schema.Table}, {schema.Table}_schema TO {PostgresSchema.RoleOf(role)}");
        var store = schema.NewStore(options => options.ConnectionString = role);

        Assert.NotNull(await store.LoadAsync(record.Handle));
        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.DeleteAsync(record.Handle));

        Assert.Equal(SessionStoreError.Unavailable, exception.Error);
        Assert.Contains("SELECT, INSERT, UPDATE and DELETE", exception.Message);
        Assert.NotNull(await owner.LoadAsync(record.Handle));
    }

    [Fact]
    public async Task Two_applications_in_one_database_do_not_meet()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await using var otherSchema = await PostgresSchema.CreateAsync();
        var first = await schema.NewMigratedStoreAsync();
        var second = await schema.NewMigratedStoreAsync(static options => options.Table = "Other_Sessions");
        var third = await schema.NewMigratedStoreAsync(options => options.Schema = otherSchema.Name);
        PostgresStore[] stores = [first, second, third];
        var record = schema.NewRecord("ada");
        foreach (var store in stores)
        {
            Assert.True(await store.CreateAsync(record));
        }

        await second.SaveAsync(record.Handle, new() { Sets = PostgresSchema.Set(("cart", "pears")) });
        Assert.Single(await third.DeleteBySubjectAsync("ada"));

        Assert.Equal(PostgresSchema.Set(("cart", "apples")), (await first.LoadAsync(record.Handle))!.Values);
        Assert.Equal(PostgresSchema.Set(("cart", "pears")), (await second.LoadAsync(record.Handle))!.Values);
        Assert.Null(await third.LoadAsync(record.Handle));
        await second.MigrateDownAsync();
        Assert.NotNull(await first.LoadAsync(record.Handle));
        Assert.False((await first.GetMigrationStatusAsync()).IsPending);
    }
}
