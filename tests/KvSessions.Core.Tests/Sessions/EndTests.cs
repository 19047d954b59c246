using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Sessions;

public sealed class EndTests
{
    private readonly SessionBench _bench = new();

    [Fact]
    public async Task A_deleted_session_is_dead_at_once_and_the_client_is_told()
    {
        var id = await _bench.SeedAsync();
        var (session, client) = _bench.Request(id);
        session.Set(Text, "buffered");

        await session.DeleteAsync();
        await session.CommitAsync();

        Assert.Null(await _bench.StoredAsync(id));
        Assert.True(client.IsWithdrawn);
        Assert.Null(session.Handle);
        Assert.Equal([StoreVerb.Delete], _bench.Store.Awaited);
    }

    [Fact]
    public async Task A_deleted_session_can_be_used_no_more()
    {
        var session = _bench.Open(await _bench.SeedAsync());
        await session.DeleteAsync();
        Func<Task>[] uses =
        [
            async () => await session.GetAsync(Number),
            async () => await session.ContainsAsync(Number),
            async () => await session.GetKeysAsync(),
            async () => await session.GetRecordAsync(),
            async () => await session.IsNewAsync(),
            async () => await session.GetSubjectAsync(),
            async () => await session.UpdateAsync(Number, n => n + 1),
            async () => await session.PopAsync(Number),
            async () => await session.RenewAsync(),
            async () => await session.SignInAsync("ann"),
            async () => await session.SignOutAsync(),
            async () => await session.DeleteAsync(),
            () => Do(() => session.Set(Number, 1)),
            () => Do(() => session.Remove(Number)),
            () => Do(session.Clear),
            () => Do(() => session.SetExpiry(SessionExpiry.In(TimeSpan.FromDays(1)))),
        ];

        foreach (var use in uses)
        {
            var fault = await Assert.ThrowsAsync<InvalidOperationException>(use);
            Assert.Contains("deleted", fault.Message, StringComparison.Ordinal);
        }

        Assert.Equal([StoreVerb.Delete], _bench.Store.Awaited);
    }

    [Fact]
    public async Task Deleting_a_session_that_was_never_stored_costs_nothing()
    {
        var (session, _) = _bench.Request();
        session.Set(Number, 1);
        await session.DeleteAsync();
        await session.CommitAsync();

        Assert.Empty(_bench.Store.Calls);
    }

    [Fact]
    public async Task A_signed_out_session_is_dead_at_once_with_its_values_and_what_was_buffered()
    {
        var id = await _bench.SeedAsync(number: 7, subject: "ann");
        var (session, client) = _bench.Request(id);
        await session.GetAsync(Number);
        session.Set(Text, "buffered");

        await session.SignOutAsync();

        Assert.Null(await _bench.StoredAsync(id));
        Assert.Null(await session.GetSubjectAsync());
        Assert.Empty(await session.GetKeysAsync());
        Assert.True(await session.IsNewAsync());
        await session.CommitAsync();
        Assert.True(client.IsWithdrawn);
        Assert.Equal([StoreVerb.Load, StoreVerb.Delete], _bench.Store.Awaited);
    }

    [Fact]
    public async Task After_signing_out_a_session_goes_on_as_an_anonymous_one_with_a_new_id()
    {
        var id = await _bench.SeedAsync(number: 7, subject: "ann");
        var (session, client) = _bench.Request(id);
        await session.SignOutAsync();
        session.Set(Text, "goodbye");
        await session.CommitAsync();

        Assert.NotEqual(id, client.Id);
        Assert.False(client.IsWithdrawn);
        var stored = (await _bench.StoredAsync(client.Id!))!;
        Assert.Equal((null, 1, "goodbye"), (stored.Subject, stored.Values.Count, stored.Get(Text)));
    }

    [Fact]
    public async Task A_user_can_sign_out_and_another_sign_in_in_one_request()
    {
        var id = await _bench.SeedAsync(number: 7, subject: "ann");
        var (session, client) = _bench.Request(id);
        await session.SignOutAsync();
        await session.SignInAsync("bob");

        var stored = (await _bench.StoredAsync(client.Id!))!;
        Assert.Equal(("bob", 0), (stored.Subject, stored.Values.Count));
        Assert.Null(await _bench.StoredAsync(id));
    }

    [Theory]
    [InlineData(SessionStoreError.Unavailable)]
    [InlineData(SessionStoreError.UnknownOutcome)]
    public async Task A_session_that_could_not_be_ended_is_not_reported_as_ended(SessionStoreError error)
    {
        var id = await _bench.SeedAsync(subject: "ann");
        var (session, client) = _bench.Request(id);
        _bench.Store.Break(StoreVerb.Delete, error);

        await Assert.ThrowsAsync<SessionStoreException>(async () => await session.SignOutAsync());
        await Assert.ThrowsAsync<SessionStoreException>(async () => await session.DeleteAsync());

        Assert.False(client.IsWithdrawn);
        _bench.Store.Heal();
        await session.DeleteAsync();
        Assert.True(client.IsWithdrawn);
        Assert.Null(await _bench.StoredAsync(id));
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
