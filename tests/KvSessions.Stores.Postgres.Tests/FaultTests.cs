using System.Net;
using System.Net.Sockets;
using KvSessions.Tests;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace KvSessions.Stores.Postgres.Tests;

public sealed class FaultTests
{
    private static readonly SessionChanges Dark = new() { Sets = PostgresSchema.Set(("theme", "dark")) };

    [Fact]
    public async Task A_read_and_a_touch_do_not_notice_that_their_connection_died_in_the_pool()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        var record = schema.NewRecord("ada");
        await store.CreateAsync(record);

        for (var round = 0; round < 10; round++)
        {
            // Several connections in the pool, all of them dead.
            await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ => await store.LoadAsync(record.Handle)));
            await schema.TerminateConnectionsAsync();
            Assert.NotNull(await store.LoadAsync(record.Handle));
            await schema.TerminateConnectionsAsync();
            Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(record.Handle, SessionChanges.Touch)).Status);
            await schema.TerminateConnectionsAsync();
            Assert.Single((await store.FindBySubjectAsync("ada", 10)).Records);
        }
    }

    [Fact]
    public async Task A_write_on_a_dead_connection_is_carried_out_once_or_reported_as_unknown_and_the_next_one_works()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        var record = schema.NewRecord();
        await store.CreateAsync(record);
        var saved = 0;
        for (var round = 0; round < 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ => await store.LoadAsync(record.Handle)));
            await schema.TerminateConnectionsAsync();
            try
            {
                Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(record.Handle, Dark)).Status);
                saved++;
            }
            catch (SessionStoreException exception)
            {
                Assert.Equal(SessionStoreError.UnknownOutcome, exception.Error);
            }

            Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(record.Handle, Dark)).Status);
            saved++;
        }

        // The connections were dead before: what is unknown was not applied.
        Assert.Equal(1 + saved, (await store.LoadAsync(record.Handle))!.Version);
    }

    [Fact]
    public async Task Nothing_is_acknowledged_before_it_is_committed()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        var (saved, deleted, old) = (schema.NewRecord(), schema.NewRecord(), schema.NewRecord("ada"));
        foreach (var record in (SessionRecord[])[saved, deleted, old])
        {
            await store.CreateAsync(record);
        }

        // Every statement succeeds, and its commit fails.
        await schema.ExecuteAsync(
            $"""
            CREATE FUNCTION {schema.Name}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '53100'; END $$;
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE OR DELETE ON {schema.Table}
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {schema.Name}.refuse();
            """);
        Func<Task>[] writes =
        [
            async () => await store.CreateAsync(schema.NewRecord()),
            async () => await store.SaveAsync(saved.Handle, Dark),
            async () => await store.SaveAsync(saved.Handle, SessionChanges.Touch),
            async () => await store.SaveAsync(saved.Handle, new() { Expiry = SessionExpiry.In(TimeSpan.FromHours(1)) }),
            async () => await store.DeleteAsync(deleted.Handle),
            async () => await store.RenewAsync(deleted.Handle, schema.NewRecord() with { Version = 2 }),
            async () => await store.RenewAsync(old.Handle, schema.NewRecord("ada") with { Version = 2 }),
            async () => await store.AdmitAsync(null, schema.NewRecord("ada"), new SubjectLimit(1, SubjectLimitRule.EvictOldest)),
            async () => await store.DeleteBySubjectAsync("ada"),
        ];
        foreach (var write in writes)
        {
            var exception = await Assert.ThrowsAsync<SessionStoreException>(write);
            Assert.Equal(SessionStoreError.Unavailable, exception.Error);
            Assert.Contains("disk is full", exception.Message);
        }

        await schema.ExecuteAsync($"DROP TRIGGER refuse ON {schema.Table}");
        Assert.Equal(3, await schema.ScalarAsync<int>($"SELECT count(*) FROM {schema.Table} WHERE version = 1"));
        await AllVerbs.CallAsync(schema, store);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable_within_the_time_to_connect_and_names_no_secret()
    {
        // Of a port that was free a moment ago.
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await using var store = new PostgresStore(new() { ConnectionString = $"Host=127.0.0.1;Port={port};Username=app;Password=hunter2" });

        var read = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.LoadAsync(SessionId.New().Handle));
        var write = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.DeleteAsync(SessionId.New().Handle));

        Assert.All([read, write], exception =>
        {
            Assert.Equal(SessionStoreError.Unavailable, exception.Error);
            Assert.DoesNotContain("hunter2", exception.ToString());
        });
    }

    [Fact]
    public async Task A_server_that_does_not_answer_and_a_pool_that_is_used_up_are_unavailable()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await schema.NewMigratedStoreAsync();
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var silent = schema.NewStore(options =>
        {
            options.ConnectionString = $"Host=127.0.0.1;Port={((IPEndPoint)listener.LocalEndpoint).Port};Username=app;Password=hunter2";
            options.ConnectTimeout = TimeSpan.FromMilliseconds(100);
        });
        await using var dataSource = NpgsqlDataSource.Create(schema.ConnectionStringFor(static builder => builder.MaxPoolSize = 1));
        var crowded = schema.NewStore(options =>
        {
            (options.ConnectionString, options.DataSource) = (null, dataSource);
            options.ConnectTimeout = TimeSpan.FromMilliseconds(100);
        });
        await using (await dataSource.OpenConnectionAsync())
        {
            foreach (var store in (PostgresStore[])[silent, crowded])
            {
                var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.DeleteAsync(SessionId.New().Handle));
                Assert.Equal(SessionStoreError.Unavailable, exception.Error);
                Assert.Contains("ConnectTimeout", exception.Message);
            }
        }

        Assert.False(await crowded.DeleteAsync(SessionId.New().Handle));
        listener.Stop();
    }

    [Fact]
    public async Task A_write_that_is_cancelled_while_it_waits_for_a_lock_ends_at_once_and_is_applied_all_the_same()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        var record = schema.NewRecord();
        await store.CreateAsync(record);
        await using var other = await schema.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand($"SELECT FROM {schema.Table} FOR UPDATE", other))
        {
            await command.ExecuteNonQueryAsync();
        }

        using var cancellation = new CancellationTokenSource();
        var save = store.SaveAsync(record.Handle, Dark, cancellation.Token).AsTask();
        await schema.WaitForLocksAsync(1);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => save);
        Assert.Equal(1, (await store.LoadAsync(record.Handle))!.Version);
        await transaction.RollbackAsync();

        // Whoever locks the row next gets its turn after the write.
        Assert.Equal(2, await schema.ScalarAsync<long>($"SELECT version FROM {schema.Table} FOR UPDATE"));
    }

    [Fact]
    public async Task A_statement_that_was_given_up_is_cancelled_ten_seconds_later()
    {
        var clock = new FakeTimeProvider();
        var statement = new TaskCompletionSource();
        var cancellation = new CancellationTokenSource();

        var end = AbandonedStatement.EndAsync(statement.Task, cancellation, clock);
        clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.False(cancellation.IsCancellationRequested);
        clock.Advance(TimeSpan.FromTicks(1));
        await Eventually.TrueAsync(() => cancellation.IsCancellationRequested, "the statement is cancelled");

        Assert.False(end.IsCompleted);
        statement.SetException(new NpgsqlException("Cancelled."));
        await end;
    }

    [Theory]
    [InlineData("statement_timeout=2000", "statement_timeout")]
    [InlineData("lock_timeout=50", "lock_timeout")]
    public async Task A_timeout_of_the_servers_is_unavailable_for_a_write(string setting, string words)
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync(options =>
            options.ConnectionString = schema.ConnectionStringFor(builder => builder.Options = $"-c {setting}"));
        var record = schema.NewRecord();
        await store.CreateAsync(record);
        await using var other = await schema.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand($"SELECT FROM {schema.Table} FOR UPDATE", other))
        {
            await command.ExecuteNonQueryAsync();
        }

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.SaveAsync(record.Handle, Dark));

        Assert.Equal(SessionStoreError.Unavailable, exception.Error);
        Assert.Contains(words, exception.Message);
    }

    [Fact]
    public async Task A_read_only_server_says_where_to_connect()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await schema.NewMigratedStoreAsync();
        var store = schema.NewStore(options =>
            options.ConnectionString = schema.ConnectionStringFor(static builder => builder.Options = "-c default_transaction_read_only=on"));

        Assert.Null(await store.LoadAsync(SessionId.New().Handle));
        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.CreateAsync(schema.NewRecord()));

        Assert.Equal(SessionStoreError.Unavailable, exception.Error);
        Assert.Contains("primary", exception.Message);
    }

    [Fact]
    public async Task Another_isolation_level_is_refused_where_a_lock_would_not_hold_and_harmless_elsewhere()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync(options =>
            options.ConnectionString = schema.ConnectionStringFor(static builder => builder.Options = "-c default_transaction_isolation=serializable"));
        var record = schema.NewRecord();
        await store.CreateAsync(record);
        Func<Task>[] locked =
        [
            async () => await store.CreateAsync(schema.NewRecord("ada")),
            async () => await store.RenewAsync(record.Handle, schema.NewRecord("ada") with { Version = 2 }),
            async () => await store.AdmitAsync(null, schema.NewRecord("ada"), new SubjectLimit(1, SubjectLimitRule.EvictOldest)),
            async () => await store.DeleteBySubjectAsync("ada"),
        ];
        foreach (var call in locked)
        {
            var exception = await Assert.ThrowsAsync<SessionStoreException>(call);
            Assert.Equal(SessionStoreError.Unavailable, exception.Error);
            Assert.Contains("read committed", exception.Message);
        }

        Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(record.Handle, Dark)).Status);
        Assert.True(await store.DeleteAsync(record.Handle));
        Assert.Equal(0, await schema.ScalarAsync<int>($"SELECT count(*) FROM {schema.Table}"));
    }

    [Fact]
    public async Task Two_sign_ins_that_would_wait_for_each_other_both_come_to_an_end()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        var one = new SubjectLimit(1, SubjectLimitRule.EvictOldest);
        for (var round = 0; round < 10; round++)
        {
            var (ada, bob) = (schema.NewRecord("ada"), schema.NewRecord("bob"));
            await store.AdmitAsync(null, ada, one);
            await store.AdmitAsync(null, bob, one);

            // Each becomes the other user, who has a session that has to go.
            await Task.WhenAll(
                Task.Run(async () => await store.AdmitAsync(ada.Handle, schema.NewRecord("bob") with { Version = 2 }, one)),
                Task.Run(async () => await store.AdmitAsync(bob.Handle, schema.NewRecord("ada") with { Version = 2 }, one)));

            Assert.InRange((await store.FindBySubjectAsync("ada", 10)).Records.Count, 0, 1);
            Assert.InRange((await store.FindBySubjectAsync("bob", 10)).Records.Count, 0, 1);
            await store.DeleteBySubjectAsync("ada");
            await store.DeleteBySubjectAsync("bob");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_subject_and_no_value_gets_into_an_exception(bool includesDetail)
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync(options =>
            options.ConnectionString = schema.ConnectionStringFor(builder => builder.IncludeErrorDetail = includesDetail));
        var record = schema.NewRecord("ada lovelace", values: ("card", "4711"));
        await schema.ExecuteAsync($"ALTER TABLE {schema.Table} ADD CHECK (subject <> 'ada lovelace')");

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.CreateAsync(record));

        Assert.Contains("23514", exception.Message);
        Assert.DoesNotContain("lovelace", exception.ToString());
        Assert.DoesNotContain("4711", exception.ToString());
    }
}
