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
}
