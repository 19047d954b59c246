using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Sessions;

/// <summary>A save that was given up on may still be under way, with the changes that it was given.</summary>
public sealed class AbandonedSaveTests
{
    private readonly SessionBench _bench = new();

    [Fact]
    public async Task What_was_handed_to_the_store_never_changes_afterwards()
    {
        var id = await _bench.SeedAsync(number: 1);
        var session = _bench.Open(id);
        session.Set(Text, "first");
        session.Remove(Other);
        var abandoned = await FailAsync(session);

        session.Remove(Text);
        session.Set(Other, "second");
        session.Remove(Number);

        Assert.Equal(["text"], abandoned.Sets.Keys);
        Assert.Equal(["other"], abandoned.Removes);
        _bench.Store.Heal();
        await session.CommitAsync();
        var stored = await _bench.StoredAsync(id);
        Assert.Equal(["other"], stored!.Values.Keys);
        Assert.Equal("second", stored.Get(Other));
    }

    [Fact]
    public async Task What_was_handed_over_with_a_clear_does_not_change_either_and_is_tried_again_with_what_came_since()
    {
        var id = await _bench.SeedAsync(number: 1);
        var session = _bench.Open(id);
        session.Clear();
        session.Set(Text, "first");
        var first = await FailAsync(session);
        session.Set(Other, "second");
        var second = await FailAsync(session);
        session.Clear();
        session.Set(Number, 3);

        Assert.Equal(["text"], first.Sets.Keys);
        Assert.Equal(["other", "text"], second.Sets.Keys.Order(StringComparer.Ordinal));
        Assert.All([first, second], static changes => Assert.True(changes.Clears));
        _bench.Store.Heal();
        await session.CommitAsync();
        Assert.Equal(["number"], (await _bench.StoredAsync(id))!.Values.Keys);
    }

    [Fact]
    public async Task An_update_that_was_given_up_on_keeps_its_value_too()
    {
        var id = await _bench.SeedAsync(number: 1);
        var session = _bench.Open(id);
        session.Set(Text, "first");
        _bench.Store.Break(StoreVerb.Save, SessionStoreError.UnknownOutcome);
        await Assert.ThrowsAsync<SessionStoreException>(async () => await session.UpdateAsync(Number, static n => n + 1));
        var abandoned = _bench.Store.Calls[^1].Changes!;

        session.Set(Text, "other");
        session.Set(Other, "second");

        Assert.Equal(["number", "text"], abandoned.Sets.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("first"u8, abandoned.Sets["text"].Span[1..^1]);
    }

    private async Task<SessionChanges> FailAsync(Session session)
    {
        _bench.Store.Break(StoreVerb.Save, SessionStoreError.UnknownOutcome);
        await Assert.ThrowsAsync<SessionStoreException>(async () => await session.CommitAsync());
        return _bench.Store.Calls[^1].Changes!;
    }
}
