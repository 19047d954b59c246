using StackExchange.Redis;

namespace KvSessions.Stores.Redis.Tests;

public sealed class PrefixTests : ScopedTest
{
    [Theory]
    [InlineData("one", "two")]
    [InlineData("shop", "shop:eu")]
    [InlineData("shop", "shop:u")]
    [InlineData("a", "A")]
    public async Task Two_applications_on_one_server_see_nothing_of_each_other(string first, string second)
    {
        await using var one = await RedisScope.CreateAsync(prefix: $"{Scope.Keys.Prefix}:{first}");
        await using var two = await RedisScope.CreateAsync(prefix: $"{Scope.Keys.Prefix}:{second}");
        var (here, there) = (one.NewStore(), two.NewStore());
        var (mine, theirs) = (RedisScope.NewRecord("ada"), RedisScope.NewRecord("ada"));
        await here.CreateAsync(mine);
        await there.CreateAsync(theirs);

        Assert.Null(await there.LoadAsync(mine.Handle));
        Assert.False(await there.DeleteAsync(mine.Handle));
        Assert.True(await there.CreateAsync(mine));
        Assert.Equal([mine.Handle], (await here.FindBySubjectAsync("ada", 10)).Records.Select(static record => record.Handle));
        Assert.Equal(2, (await there.DeleteBySubjectAsync("ada")).Count);
        Assert.NotNull(await here.LoadAsync(mine.Handle));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("caf\u00e9")]
    [InlineData("a\n")]
    [InlineData("a*")]
    [InlineData(null)]
    public void A_prefix_that_could_be_taken_for_something_else_is_refused(string? prefix)
    {
        var exception = Assert.Throws<ArgumentException>(() => new RedisStore("localhost", new RedisStoreOptions { KeyPrefix = prefix! }));

        Assert.Contains(nameof(RedisStoreOptions.KeyPrefix), exception.Message);
    }

    [Fact]
    public void A_prefix_is_at_most_100_characters_long()
    {
        _ = new RedisStore("localhost", new RedisStoreOptions { KeyPrefix = new string('a', 100) });

        Assert.Throws<ArgumentException>(() => new RedisStore("localhost", new RedisStoreOptions { KeyPrefix = new string('a', 101) }));
    }

    [Theory]
    [InlineData("{sessions}", true)]
    [InlineData("shop:{a}", true)]
    [InlineData("sessions", false)]
    [InlineData("{}", false)]
    [InlineData("}a{", false)]
    [InlineData("{a", false)]
    public void Only_a_hash_tag_puts_all_keys_into_one_slot(string prefix, bool hasHashTag) => Assert.Equal(hasHashTag, new KeyNames(prefix).HasHashTag);

    [Fact]
    public async Task What_is_there_under_the_name_of_a_session_is_left_alone()
    {
        var (store, record) = (Store, RedisScope.NewRecord());
        RedisKey key = Scope.Keys.Session(record.Handle);
        await Scope.Keys.Database.StringSetAsync(key, "of somebody else");

        Assert.False(await store.CreateAsync(record));
        await AssertCorruptAsync(async () => await store.LoadAsync(record.Handle));
        await AssertCorruptAsync(async () => await store.SaveAsync(record.Handle, SessionChanges.Touch));
        await AssertCorruptAsync(async () => await store.DeleteAsync(record.Handle));

        Assert.Equal("of somebody else", await Scope.Keys.Database.StringGetAsync(key));
    }

    private static async Task AssertCorruptAsync(Func<Task> call) =>
        Assert.Equal(SessionStoreError.Corrupt, (await Assert.ThrowsAsync<SessionStoreException>(call)).Error);
}
