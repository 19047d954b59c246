using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Sessions;

public sealed class TooLateTests
{
    private readonly SessionBench _bench = new();

    [Fact]
    public async Task Nothing_is_created_renewed_or_signed_in_once_the_response_has_started()
    {
        var id = await _bench.SeedAsync(number: 1);
        foreach (var carried in new[] { null, id })
        {
            var (session, client) = _bench.Request(carried);
            client.CanIssue = false;
            List<Func<Task>> uses =
            [
                async () => await session.RenewAsync(),
                async () => await session.SignInAsync("ann"),
                () => Do(() => session.SetExpiry(SessionExpiry.In(TimeSpan.FromDays(1)))),
            ];
            if (carried is null)
            {
                uses.Add(() => Do(() => session.Set(Number, 1)));
                uses.Add(async () => await session.UpdateAsync(Number, n => n + 1));
            }

            foreach (var use in uses)
            {
                Assert.Contains(
                    "response has started", (await Assert.ThrowsAsync<InvalidOperationException>(use)).Message, StringComparison.Ordinal);
            }
        }

        Assert.Empty(_bench.Store.Calls);
        Assert.NotNull(await _bench.StoredAsync(id));
    }

    [Fact]
    public async Task An_existing_session_can_be_changed_after_the_response_has_started()
    {
        var id = await _bench.SeedAsync(number: 1);
        var (session, client) = _bench.Request(id);
        client.CanIssue = false;
        session.Set(Text, "late");
        await session.CommitAsync();
        await session.UpdateAsync(Number, n => n + 1);
        session.Remove(Text);
        await session.CommitAsync();

        var stored = (await _bench.StoredAsync(id))!;
        Assert.Equal((2, 1), (stored.Get(Number), stored.Values.Count));
    }

    [Fact]
    public async Task A_session_that_has_failed_open_can_be_changed_after_the_response_has_started()
    {
        var (session, client) = _bench.Request(await _bench.SeedAsync(), failOpen: true);
        _bench.Store.Break();
        await session.GetAsync(Number);
        client.CanIssue = false;
        session.Set(Number, 2);

        Assert.Equal(2, await session.GetAsync(Number));
        await session.CommitAsync();
        Assert.Null(client.Id);
    }

    [Fact]
    public async Task A_late_blind_write_to_a_dead_session_says_that_it_was_not_stored()
    {
        var (session, client) = _bench.Request(SessionId.New());
        client.CanIssue = false;
        session.Set(Number, 1);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.CommitAsync());
        Assert.Equal([StoreVerb.Save], _bench.Store.Awaited);
    }

    [Fact]
    public async Task A_session_can_be_ended_after_the_response_has_started()
    {
        var id = await _bench.SeedAsync();
        var (session, client) = _bench.Request(id);
        client.CanIssue = false;
        await session.DeleteAsync();

        Assert.Null(await _bench.StoredAsync(id));
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
