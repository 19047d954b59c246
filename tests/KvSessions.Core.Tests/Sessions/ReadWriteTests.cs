using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Sessions;

public sealed class ReadWriteTests
{
    private readonly SessionBench _bench = new();

    [Fact]
    public async Task A_session_that_is_only_read_is_not_stored()
    {
        var (session, client) = _bench.Request();

        Assert.Equal(0, await session.GetAsync(Number));
        Assert.Null(await session.GetAsync(Text));
        Assert.False(await session.ContainsAsync(Number));
        Assert.Empty(await session.GetKeysAsync());
        Assert.True(await session.IsNewAsync());
        Assert.Null(await session.GetSubjectAsync());
        Assert.Null(session.Handle);
        await session.CommitAsync();

        Assert.Empty(_bench.Store.Calls);
        Assert.Null(client.Id);
        Assert.Equal(1, client.Accesses);
        Assert.Equal(0, client.Changes);
    }

    [Fact]
    public async Task Removing_and_clearing_what_is_not_there_stores_nothing()
    {
        var (session, client) = _bench.Request();

        session.Remove(Number);
        session.Clear();
        session.SetExpiry(SessionExpiry.Idle(TimeSpan.FromMinutes(1)));
        await session.CommitAsync();

        Assert.Empty(_bench.Store.Calls);
        Assert.Null(client.Id);
    }

    [Fact]
    public async Task What_is_set_is_seen_at_once_and_by_the_next_request()
    {
        var (session, client) = _bench.Request();
        session.Set(Number, 7);

        Assert.Equal(7, await session.GetAsync(Number));
        Assert.True(await session.ContainsAsync(Number));
        Assert.Equal(["number"], await session.GetKeysAsync());
        Assert.True(await session.IsNewAsync());
        Assert.Empty(_bench.Store.Calls);

        await session.CommitAsync();

        Assert.False(await session.IsNewAsync());
        Assert.Equal(client.Id!.Handle, session.Handle);
        Assert.Equal(7, await session.GetAsync(Number));
        Assert.Equal(7, await _bench.Open(client.Id).GetAsync(Number));
        Assert.Equal([StoreVerb.Create, StoreVerb.Load], _bench.Store.Awaited);
    }

    [Fact]
    public async Task Changes_show_over_what_is_stored_before_they_are_saved()
    {
        var id = await _bench.SeedAsync(number: 1);
        var session = _bench.Open(id);
        session.Set(Text, "new");

        Assert.Equal(["number", "text"], await session.GetKeysAsync());
        session.Remove(Number);
        Assert.False(await session.ContainsAsync(Number));
        Assert.Equal(0, await session.GetAsync(Number));
        Assert.Equal(["text"], await session.GetKeysAsync());
        session.Clear();
        Assert.Empty(await session.GetKeysAsync());
        session.Set(Number, 3);
        Assert.Equal(["number"], await session.GetKeysAsync());

        Assert.Equal(1, (await _bench.StoredAsync(id))!.Get(Number));
        await session.CommitAsync();
        Assert.Equal((3, 1), ((await _bench.StoredAsync(id))!.Get(Number), (await _bench.StoredAsync(id))!.Values.Count));
    }

    [Fact]
    public async Task What_this_request_set_removed_or_cleared_is_known_without_the_store()
    {
        var session = _bench.Open(await _bench.SeedAsync(number: 1));

        session.Set(Number, 2);
        Assert.Equal(2, await session.GetAsync(Number));
        session.Remove(Number);
        Assert.Equal(0, await session.GetAsync(Number));
        session.Clear();
        Assert.Null(await session.GetAsync(Text));

        Assert.Empty(_bench.Store.Calls);
    }

    [Fact]
    public async Task What_was_saved_is_known_without_reading_it_again()
    {
        var session = _bench.Open(await _bench.SeedAsync(number: 1));
        await session.GetAsync(Number);
        session.Set(Number, 2);
        await session.CommitAsync();

        Assert.Equal(2, await session.GetAsync(Number));
        Assert.Equal(2, (await session.GetRecordAsync())!.Version);
        Assert.Equal([StoreVerb.Load, StoreVerb.Save], _bench.Store.Awaited);
    }

    [Fact]
    public async Task The_last_thing_that_is_done_to_a_key_is_what_is_saved()
    {
        var session = _bench.Open(await _bench.SeedAsync(number: 1));
        session.Remove(Other);
        session.Remove(Number);
        session.Set(Number, 2);
        session.Set(Text, "never");
        session.Remove(Text);
        await session.CommitAsync();

        var changes = Assert.Single(_bench.Store.Calls).Changes!;
        Assert.Equal(["number"], changes.Sets.Keys);
        Assert.Equal(["other", "text"], changes.Removes.Order());
    }

    [Fact]
    public void Each_way_to_change_a_session_counts_as_a_change_and_as_a_use()
    {
        Action<Session>[] ways =
        [
            session => session.Set(Number, 1),
            session => session.Remove(Number),
            session => session.Clear(),
            session => session.SetExpiry(SessionExpiry.In(TimeSpan.FromDays(1))),
        ];

        foreach (var change in ways)
        {
            var (session, client) = _bench.Request(SessionId.New());
            change(session);
            change(session);
            Assert.Equal((1, 1), (client.Changes, client.Accesses));
        }
    }

    [Fact]
    public async Task Each_way_to_ask_for_a_session_counts_as_a_use()
    {
        Func<Session, Task>[] ways =
        [
            async session => await session.GetAsync(Number),
            async session => await session.ContainsAsync(Number),
            async session => await session.GetKeysAsync(),
            async session => await session.GetRecordAsync(),
            async session => await session.UpdateAsync(Number, n => n + 1),
            async session => await session.PopAsync(Number),
            async session => await session.RenewAsync(),
            async session => await session.SignInAsync("ann"),
            async session => await session.SignOutAsync(),
            async session => await session.DeleteAsync(),
        ];

        foreach (var use in ways)
        {
            var (session, client) = _bench.Request(await _bench.SeedAsync());
            await use(session);
            Assert.Equal((0, 1), (client.Changes, client.Accesses));
        }
    }

    [Fact]
    public async Task What_becomes_of_a_session_is_logged_with_its_handle_and_without_its_id()
    {
        var (session, client) = _bench.Request();
        session.Set(Number, 1);
        await session.CommitAsync();
        await session.SignInAsync("ann-the-subject");
        await session.DeleteAsync();

        var handles = client.Ids.Select(id => id.Handle).ToList();
        Assert.Equal(
            [$"Session {handles[0]} was created.", $"Session {handles[0]} was renewed as {handles[1]}.", $"Session {handles[1]} was deleted."],
            _bench.Log.Messages.Select(entry => entry.Message));
    }

    [Fact]
    public async Task A_key_that_is_none_is_refused()
    {
        var session = _bench.Open();

        await Assert.ThrowsAsync<ArgumentNullException>("key", async () => await session.GetAsync<int>(null!));
        await Assert.ThrowsAsync<ArgumentNullException>("key", async () => await session.ContainsAsync<int>(null!));
        await Assert.ThrowsAsync<ArgumentNullException>("key", async () => await session.UpdateAsync<int>(null!, n => n));
        await Assert.ThrowsAsync<ArgumentNullException>("update", async () => await session.UpdateAsync(Number, null!));
        await Assert.ThrowsAsync<ArgumentNullException>("key", async () => await session.PopAsync<int>(null!));
        Assert.Throws<ArgumentNullException>("key", () => session.Set(null!, 1));
        Assert.Throws<ArgumentNullException>("key", () => session.Remove<int>(null!));
        Assert.Throws<ArgumentNullException>("expiry", () => session.SetExpiry(null!));
    }

    [Fact]
    public async Task What_is_buffered_does_not_show_in_the_facts()
    {
        var id = await _bench.SeedAsync(number: 1);
        var session = _bench.Open(id);
        session.Set(Number, 2);

        var record = (await session.GetRecordAsync())!;

        Assert.Equal((id.Handle, 1, 1), (record.Handle, record.Version, record.Get(Number)));
    }

    [Fact]
    public async Task A_removed_key_is_gone_and_the_others_stay()
    {
        var id = await _bench.SeedAsync(number: 1);
        var first = _bench.Open(id);
        first.Set(Text, "t");
        await first.CommitAsync();
        var second = _bench.Open(id);
        second.Remove(Text);
        await second.CommitAsync();

        Assert.Equal(["number"], await _bench.Open(id).GetKeysAsync());
        Assert.True(await _bench.Open(id).ContainsAsync(Number));
        Assert.False(await _bench.Open(id).ContainsAsync(Text));
    }

    [Fact]
    public async Task Clearing_keeps_the_session_its_subject_and_its_expiry()
    {
        var id = await _bench.SeedAsync(subject: "ann", expiry: SessionExpiry.In(TimeSpan.FromHours(1)));
        var before = (await _bench.StoredAsync(id))!;
        var session = _bench.Open(id);
        session.Clear();
        await session.CommitAsync();

        var after = (await _bench.StoredAsync(id))!;
        Assert.Empty(after.Values);
        Assert.Equal((before.Subject, before.Expiry, before.CreatedAt), (after.Subject, after.Expiry, after.CreatedAt));
    }

    [Fact]
    public async Task Requests_that_write_different_keys_both_survive()
    {
        var id = await _bench.SeedAsync(number: 1);
        var (one, two) = (_bench.Open(id), _bench.Open(id));
        await one.GetAsync(Number);
        await two.GetAsync(Number);
        one.Set(Text, "one");
        two.Set(Other, "two");
        await one.CommitAsync();
        await two.CommitAsync();

        Assert.Equal(["number", "other", "text"], await _bench.Open(id).GetKeysAsync());
        Assert.Equal(["number", "other", "text"], await two.GetKeysAsync());
        Assert.Equal("one", await two.GetAsync(Text));
    }

    [Fact]
    public async Task A_commit_that_is_made_twice_saves_once()
    {
        var id = await _bench.SeedAsync();
        var (session, client) = _bench.Request(id);
        session.Set(Number, 2);
        await session.CommitAsync();
        await session.CommitAsync();
        session.Set(Number, 3);
        await session.CommitAsync();

        Assert.Equal([StoreVerb.Save, StoreVerb.Save], _bench.Store.Awaited);
        Assert.Equal(2, client.Changes);
        Assert.Null(client.Id);
    }

    [Fact]
    public async Task Discarded_changes_are_saved_by_no_later_commit()
    {
        var id = await _bench.SeedAsync(number: 1);
        var session = _bench.Open(id);
        session.Set(Number, 2);
        session.DiscardChanges();
        await session.CommitAsync();

        Assert.Empty(_bench.Store.Calls);
        Assert.Equal(1, await session.GetAsync(Number));
    }

    [Fact]
    public async Task A_value_is_decoded_anew_for_each_reader()
    {
        var key = new SessionKey<List<int>>("list");
        var session = _bench.Open();
        session.Set(key, [1]);
        (await session.GetAsync(key))!.Add(2);

        Assert.Equal([1], (await session.GetAsync(key))!);
    }

    [Fact]
    public async Task Every_visitor_gets_a_session_where_the_options_say_so()
    {
        var bench = new SessionBench(o => o.CreateForEveryVisitor = true);
        var (session, client) = bench.Request();
        await session.CommitAsync();
        await session.CommitAsync();
        var (again, sameClient) = bench.Request(client.Id);
        await again.CommitAsync();

        Assert.NotNull(await bench.StoredAsync(client.Id!));
        Assert.Null(sameClient.Id);
        Assert.Equal([StoreVerb.Create, StoreVerb.Load], bench.Store.Awaited);
    }

    [Fact]
    public async Task A_visitor_whose_response_has_started_or_whose_store_fails_open_gets_none()
    {
        var bench = new SessionBench(o => o.CreateForEveryVisitor = true);
        var (late, started) = bench.Request();
        started.CanIssue = false;
        await late.CommitAsync();
        Assert.Empty(bench.Store.Calls);

        var (open, client) = bench.Request(await bench.SeedAsync(), failOpen: true);
        bench.Store.Break(StoreVerb.Load);
        await open.CommitAsync();
        Assert.Null(client.Id);
        Assert.Equal([StoreVerb.Load], bench.Store.Awaited);
    }

    [Fact]
    public async Task A_visitor_who_has_a_session_keeps_it_and_one_who_deleted_it_gets_no_other_in_that_request()
    {
        var bench = new SessionBench(o => o.CreateForEveryVisitor = true);
        var id = await bench.SeedAsync();
        var (session, client) = bench.Request(id);
        session.Set(Number, 2);
        await session.CommitAsync();
        Assert.Equal(id.Handle, session.Handle);

        await session.DeleteAsync();
        await session.CommitAsync();
        Assert.Empty(client.Ids);
        Assert.Equal([StoreVerb.Save, StoreVerb.Delete], bench.Store.Awaited);
    }

    [Fact]
    public async Task A_visitor_with_a_dead_session_who_removes_something_gets_one_where_every_visitor_does()
    {
        var bench = new SessionBench(o => o.CreateForEveryVisitor = true);
        var (session, client) = bench.Request(SessionId.New());
        session.Remove(Number);
        await session.CommitAsync();

        Assert.NotNull(await bench.StoredAsync(client.Id!));
    }
}
