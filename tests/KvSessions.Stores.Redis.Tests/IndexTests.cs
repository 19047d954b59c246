namespace KvSessions.Stores.Redis.Tests;

/// <summary>What is left on the server, and what is not.</summary>
public sealed class IndexTests : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private RedisScope _scope = null!;
    private RedisStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _scope = await RedisScope.CreateAsync();
        _store = _scope.NewStore();
    }

    public ValueTask DisposeAsync() => _scope.DisposeAsync();

    [Fact]
    public async Task A_deletion_leaves_nothing()
    {
        var (signedIn, anonymous) = (RedisScope.NewRecord("ada"), RedisScope.NewRecord());
        await _store.CreateAsync(signedIn);
        await _store.CreateAsync(anonymous);

        await _store.DeleteAsync(signedIn.Handle);
        await _store.DeleteAsync(anonymous.Handle);

        Assert.Empty(await _scope.Keys.AllAsync());
    }

    [Fact]
    public async Task A_revocation_leaves_nothing()
    {
        await _store.CreateAsync(RedisScope.NewRecord("ada"));
        await _store.CreateAsync(RedisScope.NewRecord("ada"));

        await _store.DeleteBySubjectAsync("ada");

        Assert.Empty(await _scope.Keys.AllAsync());
    }

    [Fact]
    public async Task A_renewal_moves_a_session_from_index_to_index()
    {
        var session = RedisScope.NewRecord("ada");
        await _store.CreateAsync(session);
        var (second, third, fourth) = (Renewal(session, "ada"), Renewal(session, "bob", 3), Renewal(session, null, 4));

        await _store.RenewAsync(session.Handle, second);
        Assert.Equal([$"{second.Handle}"], await _scope.Keys.IndexedAsync());
        await _store.RenewAsync(second.Handle, third);
        Assert.Equal([$"{third.Handle}"], await _scope.Keys.IndexedAsync());
        await _store.RenewAsync(third.Handle, fourth);

        Assert.Equal([$"s/{fourth.Handle}"], await _scope.Keys.AllAsync());
    }

    [Fact]
    public async Task A_session_that_is_given_an_end_in_the_past_leaves_nothing()
    {
        var session = RedisScope.NewRecord("ada");
        await _store.CreateAsync(session);

        await _store.SaveAsync(session.Handle, new() { Expiry = SessionExpiry.At(session.CreatedAt - Minute) });

        Assert.Empty(await _scope.Keys.AllAsync());
    }

    [Fact]
    public async Task Expiry_leaves_nothing_though_nobody_comes_back()
    {
        await _store.CreateAsync(RedisScope.NewRecord("ada", SessionExpiry.Idle(10 * Minute)));
        await _store.CreateAsync(RedisScope.NewRecord("ada", SessionExpiry.Idle(20 * Minute)));

        // The index lives somewhat longer than its sessions.
        await _scope.Keys.ShiftAsync(30 * Minute);

        Assert.Empty(await _scope.Keys.AllAsync());
    }

    [Fact]
    public async Task An_index_outlives_its_sessions_whatever_moves_their_ends()
    {
        var (touched, extended) = (RedisScope.NewRecord("ada", SessionExpiry.Idle(10 * Minute)), RedisScope.NewRecord("ada", SessionExpiry.Idle(10 * Minute)));
        await _store.CreateAsync(touched);
        await _store.CreateAsync(extended);
        await _store.SaveAsync(extended.Handle, new() { Expiry = SessionExpiry.In(60 * Minute) });
        for (var i = 0; i < 20; i++)
        {
            await _scope.Keys.ShiftAsync(5 * Minute);
            await _store.SaveAsync(touched.Handle, i % 2 == 0 ? SessionChanges.Touch : new() { Sets = RedisScope.Set(("a", $"{i}")) });
        }

        Assert.Equal([touched.Handle], await _store.DeleteBySubjectAsync("ada"));
        Assert.Empty(await _scope.Keys.AllAsync());
    }

    [Fact]
    public async Task Sessions_that_are_over_go_from_the_index_when_it_is_read_or_written()
    {
        var (brief, lasting) = (SessionExpiry.Idle(Minute), SessionExpiry.Idle(20 * Minute));
        await _store.CreateAsync(RedisScope.NewRecord("read", brief));
        await _store.CreateAsync(RedisScope.NewRecord("read", lasting));
        await _store.CreateAsync(RedisScope.NewRecord("written", brief));
        await _store.CreateAsync(RedisScope.NewRecord("written", lasting));
        await _scope.Keys.ShiftAsync(2 * Minute);

        await _store.FindBySubjectAsync("read", 10);
        await _store.AdmitAsync(null, RedisScope.NewRecord("written"), new(5, SubjectLimitRule.RefuseNewest));

        Assert.Equal(3, (await _scope.Keys.IndexedAsync()).Count);
    }

    [Fact]
    public async Task A_session_that_took_the_handle_of_another_subjects_is_its_own_subjects()
    {
        var first = RedisScope.NewRecord("ada", SessionExpiry.Idle(Minute));
        await _store.CreateAsync(first);
        await _store.CreateAsync(RedisScope.NewRecord("ada"));
        await _scope.Keys.ShiftAsync(2 * Minute);
        var second = first with { Subject = "bob" };
        await _store.CreateAsync(second);

        Assert.DoesNotContain((await _store.FindBySubjectAsync("ada", 10)).Records, record => record.Handle == second.Handle);
        Assert.Single(await _store.DeleteBySubjectAsync("ada"));

        Assert.Equal([second.Handle], await _store.DeleteBySubjectAsync("bob"));
    }

    [Fact]
    public async Task An_eviction_to_make_room_leaves_nothing_of_the_oldest()
    {
        var (oldest, newest) = (RedisScope.NewRecord("ada"), RedisScope.NewRecord("ada"));
        await _store.CreateAsync(oldest);

        await _store.AdmitAsync(null, newest, new(1, SubjectLimitRule.EvictOldest));

        Assert.Equal([$"{newest.Handle}"], await _scope.Keys.IndexedAsync());
        Assert.Equal(2, (await _scope.Keys.AllAsync()).Count);
    }

    [Fact]
    public async Task Every_key_has_an_end()
    {
        await _store.CreateAsync(RedisScope.NewRecord("ada"));
        await _store.CreateAsync(RedisScope.NewRecord(expiry: SessionExpiry.In(Minute)));
        var record = RedisScope.NewRecord("ada");
        await _store.CreateAsync(record);
        await _store.SaveAsync(record.Handle, new() { Clears = true });

        foreach (var name in await _scope.Keys.AllAsync())
        {
            Assert.NotNull(await _scope.Keys.Database.KeyTimeToLiveAsync($"{_scope.Keys.Prefix}/{name}"));
        }
    }

    [Theory]
    [InlineData(20, null)]
    [InlineData(null, 20)]
    [InlineData(20, 10)]
    public async Task Redis_forgets_a_session_at_its_moment_to_the_millisecond(int? idle, int? lifetime)
    {
        var record = RedisScope.NewRecord("ada", new() { IdleTimeout = idle * Minute, Lifetime = lifetime * Minute });
        await _store.CreateAsync(record);
        await AssertEndsAsync(record.Handle);

        await _scope.Keys.ShiftAsync(5 * Minute);
        await _store.SaveAsync(record.Handle, SessionChanges.Touch);
        await AssertEndsAsync(record.Handle);

        await _store.SaveAsync(record.Handle, new() { Sets = RedisScope.Set(("a", "1")), Expiry = SessionExpiry.In(3 * Minute) });
        await AssertEndsAsync(record.Handle);
    }

    [Fact]
    public async Task No_key_names_a_subject()
    {
        await _store.CreateAsync(RedisScope.NewRecord("ada@example.org"));

        Assert.DoesNotContain(await _scope.Keys.AllAsync(), static name => name.Contains("ada", StringComparison.Ordinal));
    }

    // A key is over when the time is later than what it was given; a session is over at its moment.
    private async Task AssertEndsAsync(SessionHandle handle)
    {
        var session = (await _store.LoadAsync(handle))!;
        Assert.Equal(session.ExpiresAt.AddMilliseconds(-1).UtcDateTime, (await _scope.Keys.Database.KeyExpireTimeAsync(_scope.Keys.Session(handle)))!.Value);
    }

    private static SessionRecord Renewal(SessionRecord session, string? subject, long version = 2) =>
        session with { Handle = SessionId.New().Handle, Version = version, Subject = subject };
}
