using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Migrating: up, down and up again, by any number of nodes at once.</summary>
[RequiresStore(typeof(IMigratableSessionStore))]
public abstract class MigrationConformance : ConformanceTest
{
    private IMigratableSessionStore Schema => StoreAs<IMigratableSessionStore>();

    [Fact]
    public async Task A_schema_that_is_up_to_date_says_so_and_another_migration_changes_nothing()
    {
        var session = await CreateAsync();

        await Schema.MigrateUpAsync();

        var status = await Schema.GetMigrationStatusAsync();
        Assert.True(status.Latest >= 1, "A store with migrations has at least version 1.");
        Assert.Equal(status.Latest, status.Current);
        Assert.False(status.IsPending, "There is something left to migrate after MigrateUpAsync.");
        await AssertUnchangedAsync(session);
    }

    [Fact]
    public async Task A_schema_goes_down_and_up_again()
    {
        var session = await CreateAsync();

        await Schema.MigrateDownAsync();
        var down = await Schema.GetMigrationStatusAsync();
        await Schema.MigrateUpAsync();

        Assert.Equal(0, down.Current);
        Assert.True(down.IsPending, "There is nothing to migrate after MigrateDownAsync.");
        Assert.False((await Schema.GetMigrationStatusAsync()).IsPending, "There is something left to migrate after MigrateUpAsync.");
        await AssertNotThereAsync(session.Handle);
        await CreateAsync(NewSubject());
    }

    [Fact]
    public async Task A_schema_goes_down_step_by_step()
    {
        for (var version = (await Schema.GetMigrationStatusAsync()).Latest; version >= 0; version--)
        {
            await Schema.MigrateDownAsync(version);
            Assert.Equal(version, (await Schema.GetMigrationStatusAsync()).Current);
        }

        await Schema.MigrateUpAsync();
        await CreateAsync();
    }

    [Fact]
    public async Task A_store_without_a_schema_fails_and_never_says_that_a_session_is_absent()
    {
        await Schema.MigrateDownAsync();

        await Assert.ThrowsAsync<SessionStoreException>(async () => await Store.LoadAsync(NewHandle()));
        await Assert.ThrowsAsync<SessionStoreException>(async () => await Store.CreateAsync(NewRecord()));
    }

    [Fact]
    public async Task Any_number_of_nodes_may_migrate_at_once()
    {
        await Schema.MigrateDownAsync();

        await RaceAsync([.. Enumerable.Repeat<Func<Task>>(() => Schema.MigrateUpAsync(), 4)]);

        Assert.False((await Schema.GetMigrationStatusAsync()).IsPending, "There is something left to migrate after MigrateUpAsync.");
        await CreateAsync();
    }

    [Fact]
    public async Task A_target_that_the_schema_is_not_above_is_refused()
    {
        var latest = (await Schema.GetMigrationStatusAsync()).Latest;

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Schema.MigrateDownAsync(-1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Schema.MigrateDownAsync(latest + 1));

        Assert.Equal(latest, (await Schema.GetMigrationStatusAsync()).Current);
    }
}
