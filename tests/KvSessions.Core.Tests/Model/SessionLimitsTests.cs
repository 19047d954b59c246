namespace KvSessions.Core.Tests.Model;

public sealed class SessionLimitsTests
{
    [Fact]
    public void By_default_a_session_holds_1000_keys_of_256_bytes_with_values_of_1_MiB_and_4_MiB_in_all()
    {
        var limits = SessionLimits.Default;

        Assert.Equal(
            (1_000, 256, 1_048_576, 4_194_304), (limits.MaxKeys, limits.MaxKeyBytes, limits.MaxValueBytes, limits.MaxTotalBytes));
    }

    [Fact]
    public void A_limit_allows_what_is_equal_to_it_and_nothing_more()
    {
        var limits = new SessionLimits { MaxKeys = 2, MaxKeyBytes = 4, MaxValueBytes = 8, MaxTotalBytes = 16 };

        limits.Check("éé", 8);
        limits.Check(2, 16);
        AssertOver("MaxKeyBytes", () => limits.Check("ééa", 8));
        var value = AssertOver("MaxValueBytes", () => limits.Check("éé", 9));
        var keys = AssertOver("MaxKeys", () => limits.Check(3, 16));
        AssertOver("MaxTotalBytes", () => limits.Check(2, 17));
        Assert.Equal("The session key 'éé' is over its limit: MaxValueBytes is 8, and it would be 9.", value.Message);
        Assert.Equal("The session is over its limit: MaxKeys is 2, and it would be 3.", keys.Message);
    }

    [Fact]
    public void A_key_or_value_that_is_too_large_is_refused_when_it_is_set()
    {
        var bench = new SessionBench(o => (o.Limits.MaxKeyBytes, o.Limits.MaxValueBytes) = (8, 4));
        var (session, client) = bench.Request(SessionId.New());

        var value = AssertOver("MaxValueBytes", () => session.Set(new SessionKey<byte[]>("key", SessionCodec.Bytes), new byte[5]));
        var key = AssertOver("MaxKeyBytes", () => session.Set(new SessionKey<int>(new string('k', 1_000)), 1));

        Assert.Equal("key", value.Key);
        Assert.Equal(new string('k', 32) + "…", key.Key);
        Assert.Empty(bench.Store.Calls);
        Assert.Equal(0, client.Changes);
    }

    [Fact]
    public async Task A_new_session_over_its_limits_never_reaches_the_store()
    {
        var bench = new SessionBench(o => o.Limits.MaxKeys = 1);
        var session = bench.Open();
        session.Set(SessionBench.Number, 1);
        session.Set(SessionBench.Text, "two");

        Assert.Equal("MaxKeys", (await Assert.ThrowsAsync<SessionLimitException>(async () => await session.CommitAsync())).Limit);
        Assert.Empty(bench.Store.Calls);
    }

    [Fact]
    public async Task A_blind_write_over_the_limits_changes_nothing_in_the_store()
    {
        var bench = new SessionBench(o => o.Limits.MaxKeys = 1);
        var id = await bench.SeedAsync();
        var session = bench.Open(id);
        session.Set(SessionBench.Text, "two");

        await Assert.ThrowsAsync<SessionLimitException>(async () => await session.CommitAsync());

        Assert.Equal(["number"], (await bench.StoredAsync(id))!.Values.Keys);
    }

    private static SessionLimitException AssertOver(string limit, Action action)
    {
        var fault = Assert.Throws<SessionLimitException>(action);
        Assert.Equal(limit, fault.Limit);
        return fault;
    }
}
