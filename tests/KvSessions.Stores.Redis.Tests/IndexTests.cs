namespace KvSessions.Stores.Redis.Tests;

/// <summary>What is left on the server, and what is not.</summary>
public sealed class IndexTests : ScopedTest
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_deletion_leaves_nothing()
    {
        var (signedIn, anonymous) = (RedisScope.NewRecord("ada"), RedisScope.NewRecord());
        await Store.CreateAsync(signedIn);
        await Store.CreateAsync(anonymous);

        await Store.DeleteAsync(signedIn.Handle);
        await Store.DeleteAsync(anonymous.Handle);

        Assert.Empty(await Scope.Keys.AllAsync());
    }

    [Fact]
    public async Task A_revocation_leaves_nothing()
    {
        await Store.CreateAsync(RedisScope.NewRecord("ada"));
        await Store.CreateAsync(RedisScope.NewRecord("ada"));

        await Store.DeleteBySubjectAsync("ada");

        Assert.Empty(await Scope.Keys.AllAsync());
    }

    [Fact]
    public async Task A_renewal_moves_a_session_from_index_to_index()
    {
        var session = RedisScope.NewRecord("ada");
        await Store.CreateAsync(session);
        var (second, third, fourth) = (Renewal(session, "ada"), Renewal(session, "bob", 3), Renewal(session, null, 4));

        await Store.RenewAsync(session.Handle, second);
        Assert.Equal([$"{second.Handle}"], await Scope.Keys.IndexedAsync());
        await Store.RenewAsync(second.Handle, third);
        Assert.Equal([$"{third.Handle}"], await Scope.Keys.IndexedAsync());
        await Store.RenewAsync(third.Handle, fourth);

        Assert.Equal([$"s/{fourth.Handle}"], await Scope.Keys.AllAsync());
    }

    [Fact]
    public async Task A_session_that_is_given_an_end_in_the_past_leaves_nothing()
    {
        var session = RedisScope.NewRecord("ada");
        await Store.CreateAsync(session);

        await Store.SaveAsync(session.Handle, new() { Expiry = SessionExpiry.At(session.CreatedAt - Minute) });

        Assert.Empty(await Scope.Keys.AllAsync());
    }

    [Fact]
    public async Task Expiry_leaves_nothing_though_nobody_comes_back()
    {
        await Store.CreateAsync(RedisScope.NewRecord("ada", SessionExpiry.Idle(10 * Minute)));
        await Store.CreateAsync(RedisScope.NewRecord("ada", SessionExpiry.Idle(20 * Minute)));

        // The index lives somewhat longer than its sessions.
        await Scope.Keys.ShiftAsync(30 * Minute);

        Assert.Empty(await Scope.Keys.AllAsync());
    }

    [Fact]
    public async Task Sessions_that_are_over_do_not_pile_up_in_an_index_that_nobody_looks_at()
    {
        const int Over = 50;
        const int Added = 60;
        await Store.CreateAsync(RedisScope.NewRecord("ada", SessionExpiry.Idle(60 * Minute)));
        for (var i = 0; i < Over; i++)
        {
            await Store.CreateAsync(RedisScope.NewRecord("ada", SessionExpiry.Idle(10 * Minute)));
        }

        await Scope.Keys.ShiftAsync(11 * Minute);
        for (var i = 0; i < Added; i++)
        {
            await Store.CreateAsync(RedisScope.NewRecord("ada"));
        }

        // Which of them are looked at is chance: about five are left.
        Assert.InRange((await Scope.Keys.IndexedAsync()).Count, Added + 1, Added + 1 + (Over / 2));
        Assert.Equal(Added + 1, (await Store.DeleteBySubjectAsync("ada")).Count);
    }

    [Fact]
    public async Task An_index_outlives_its_sessions_whatever_moves_their_ends()
    {
        var (touched, extended) = (RedisScope.NewRecord("ada", SessionExpiry.Idle(10 * Minute)), RedisScope.NewRecord("ada", SessionExpiry.Idle(10 * Minute)));
        await Store.CreateAsync(touched);
        await Store.CreateAsync(extended);
        await Store.SaveAsync(extended.Handle, new() { Expiry = SessionExpiry.In(60 * Minute) });
        for (var i = 0; i < 20; i++)
        {
            await Scope.Keys.ShiftAsync(5 * Minute);
            await Store.SaveAsync(touched.Handle, i % 2 == 0 ? SessionChanges.Touch : new() { Sets = RedisScope.Set(("a", $"{i}")) });
        }

        Assert.Equal([touched.Handle], await Store.DeleteBySubjectAsync("ada"));
        Assert.Empty(await Scope.Keys.AllAsync());
    }

    [Fact]
    public async Task Sessions_that_are_over_go_from_the_index_when_it_is_read_or_written()
    {
        var (brief, lasting) = (SessionExpiry.Idle(Minute), SessionExpiry.Idle(20 * Minute));
        await Store.CreateAsync(RedisScope.NewRecord("read", brief));
        await Store.CreateAsync(RedisScope.NewRecord("read", lasting));
        await Store.CreateAsync(RedisScope.NewRecord("written", brief));
        await Store.CreateAsync(RedisScope.NewRecord("written", lasting));
        await Scope.Keys.ShiftAsync(2 * Minute);

        await Store.FindBySubjectAsync("read", 10);
        await Store.AdmitAsync(null, RedisScope.NewRecord("written"), new(5, SubjectLimitRule.RefuseNewest));

        Assert.Equal(3, (await Scope.Keys.IndexedAsync()).Count);
    }

    [Fact]
    public async Task A_session_that_took_the_handle_of_another_subjects_is_its_own_subjects()
    {
        var first = RedisScope.NewRecord("ada", SessionExpiry.Idle(Minute));
        await Store.CreateAsync(first);
        await Store.CreateAsync(RedisScope.NewRecord("ada"));
        await Scope.Keys.ShiftAsync(2 * Minute);
        var second = first with { Subject = "bob" };
        await Store.CreateAsync(second);

        Assert.DoesNotContain((await Store.FindBySubjectAsync("ada", 10)).Records, record => record.Handle == second.Handle);
        Assert.Single(await Store.DeleteBySubjectAsync("ada"));

        Assert.Equal([second.Handle], await Store.DeleteBySubjectAsync("bob"));
    }

    [Fact]
    public async Task An_eviction_to_make_room_leaves_nothing_of_the_oldest()
    {
        var (oldest, newest) = (RedisScope.NewRecord("ada"), RedisScope.NewRecord("ada"));
        await Store.CreateAsync(oldest);

        await Store.AdmitAsync(null, newest, new(1, SubjectLimitRule.EvictOldest));

        Assert.Equal([$"{newest.Handle}"], await Scope.Keys.IndexedAsync());
        Assert.Equal(2, (await Scope.Keys.AllAsync()).Count);
    }

    [Fact]
    public async Task Every_key_has_an_end()
    {
        await Store.CreateAsync(RedisScope.NewRecord("ada"));
        await Store.CreateAsync(RedisScope.NewRecord(expiry: SessionExpiry.In(Minute)));
        var record = RedisScope.NewRecord("ada");
        await Store.CreateAsync(record);
        await Store.SaveAsync(record.Handle, new() { Clears = true });

        foreach (var name in await Scope.Keys.AllAsync())
        {
            Assert.NotNull(await Scope.Keys.Database.KeyTimeToLiveAsync($"{Scope.Keys.Prefix}/{name}"));
        }
    }

    [Theory]
    [InlineData(20, null)]
    [InlineData(null, 20)]
    [InlineData(20, 10)]
    public async Task Redis_forgets_a_session_at_its_moment_to_the_millisecond(int? idle, int? lifetime)
    {
        var record = RedisScope.NewRecord("ada", new() { IdleTimeout = idle * Minute, Lifetime = lifetime * Minute });
        await Store.CreateAsync(record);
        await AssertEndsAsync(record.Handle);

        await Scope.Keys.ShiftAsync(5 * Minute);
        await Store.SaveAsync(record.Handle, SessionChanges.Touch);
        await AssertEndsAsync(record.Handle);

        await Store.SaveAsync(record.Handle, new() { Sets = RedisScope.Set(("a", "1")), Expiry = SessionExpiry.In(3 * Minute) });
        await AssertEndsAsync(record.Handle);
    }

    [Fact]
    public async Task No_key_names_a_subject()
    {
        await Store.CreateAsync(RedisScope.NewRecord("ada@example.org"));

        Assert.DoesNotContain(await Scope.Keys.AllAsync(), static name => name.Contains("ada", StringComparison.Ordinal));
    }

    // A key is over when the time is later than what it was given; a session is over at its moment.
    private async Task AssertEndsAsync(SessionHandle handle)
    {
        var session = (await Store.LoadAsync(handle))!;
        Assert.Equal(session.ExpiresAt.AddMilliseconds(-1).UtcDateTime, (await Scope.Keys.Database.KeyExpireTimeAsync(Scope.Keys.Session(handle)))!.Value);
    }

    private static SessionRecord Renewal(SessionRecord session, string? subject, long version = 2) =>
        session with { Handle = SessionId.New().Handle, Version = version, Subject = subject };
}
