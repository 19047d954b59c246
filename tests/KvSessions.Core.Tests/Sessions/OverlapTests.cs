using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Sessions;

/// <summary>
/// Changes that are made while the store is being called, as by a response that is made while it is sent: JSON of an asynchronous sequence
/// is flushed while the next element is on its way.
/// </summary>
public sealed class OverlapTests
{
    private readonly SessionBench _bench = new();

    [Fact]
    public async Task What_is_changed_while_a_save_is_under_way_is_left_to_the_next_one()
    {
        var id = await _bench.SeedAsync(number: 1);
        var session = _bench.Open(id);
        session.Set(Number, 2);
        session.Set(Text, "first");
        session.Remove(Other);
        await DuringAsync(StoreVerb.Save, () => session.CommitAsync(), () =>
        {
            session.Set(Number, 3);
            session.Remove(Text);
            session.Set(Other, "second");
        });
        Assert.Equal((2, "first"), ((await _bench.StoredAsync(id))!.Get(Number), (await _bench.StoredAsync(id))!.Get(Text)));
        Assert.Equal(3, await session.GetAsync(Number));

        await session.CommitAsync();

        var stored = (await _bench.StoredAsync(id))!;
        Assert.Equal((3, "second"), (stored.Get(Number), stored.Get(Other)));
        Assert.Equal(["number", "other"], stored.Values.Keys);
        _bench.Store.Forget();
        await session.CommitAsync();
        Assert.Empty(_bench.Store.Calls);
    }

    [Fact]
    public async Task What_is_cleared_and_given_another_end_meanwhile_as_well()
    {
        var id = await _bench.SeedAsync(number: 1);
        var session = _bench.Open(id);
        session.Clear();
        session.Set(Text, "first");
        session.SetExpiry(SessionExpiry.In(TimeSpan.FromHours(1)));
        await DuringAsync(StoreVerb.Save, () => session.CommitAsync(), () =>
        {
            session.Clear();
            session.Set(Other, "second");
            session.SetExpiry(SessionExpiry.In(TimeSpan.FromHours(2)));
        });

        await session.CommitAsync();

        var stored = (await _bench.StoredAsync(id))!;
        Assert.Equal(["other"], stored.Values.Keys);
        Assert.Equal(_bench.Now + TimeSpan.FromHours(2), stored.AbsoluteExpiresAt);
    }

    [Fact]
    public async Task What_was_set_before_an_update_does_not_come_back_after_it()
    {
        var id = await _bench.SeedAsync(number: 1);
        var session = _bench.Open(id);
        session.Set(Number, 5);
        await DuringAsync(StoreVerb.Save, async () => await session.UpdateAsync(Number, static number => number + 1), () => session.Set(Text, "meanwhile"));

        await session.CommitAsync();

        var stored = (await _bench.StoredAsync(id))!;
        Assert.Equal((6, "meanwhile"), (stored.Get(Number), stored.Get(Text)));
    }

    [Fact]
    public async Task What_is_set_while_a_user_is_being_signed_in_goes_into_the_new_session()
    {
        var (session, client) = _bench.Request(await _bench.SeedAsync(number: 1));
        await DuringAsync(StoreVerb.Renew, () => session.SignInAsync("ann"), () => session.Set(Number, 2));

        await session.CommitAsync();

        Assert.Equal(2, (await _bench.StoredAsync(client.Id!))!.Get(Number));
    }

    [Fact]
    public async Task A_read_that_a_sign_in_has_overtaken_sees_the_new_session()
    {
        var (session, client) = _bench.Request(await _bench.SeedAsync(number: 1));
        var (hasRead, letGo) = _bench.Store.HoldAnswerOfNext(StoreVerb.Load);
        var reading = session.GetSubjectAsync().AsTask();
        await hasRead;

        await session.SignInAsync("ann");
        letGo.SetResult();

        Assert.Equal("ann", await reading);
        Assert.Equal(client.Id!.Handle, (await session.GetRecordAsync())!.Handle);
    }

    private async Task DuringAsync(StoreVerb verb, Func<ValueTask> call, Action change)
    {
        var (hasDone, letGo) = _bench.Store.HoldAnswerOfNext(verb);
        var pending = call();
        await hasDone;
        change();
        letGo.SetResult();
        await pending;
    }
}
