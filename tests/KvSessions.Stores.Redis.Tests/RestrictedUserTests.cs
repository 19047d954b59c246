using System.Text.RegularExpressions;
using KvSessions.Tests;
using KvSessions.TestServers;

namespace KvSessions.Stores.Redis.Tests;

/// <summary>A user with the rights that docs/stores/redis.md lists, and no others.</summary>
public sealed partial class RestrictedUserTests
{
    [Fact]
    public async Task The_rights_that_the_document_lists_are_enough_for_every_call()
    {
        await using var server = await RedisServer.StartOwnAsync();
        await using var scope = await RedisScope.CreateAsync(server.Configuration, "kvsessions");
        object[] user = ["SETUSER", "limited", "on", ">secret", "~kvsessions/*", .. Commands().Select(static command => $"+{command}")];
        await scope.Keys.Database.ExecuteAsync("ACL", user);
        await using var store = new RedisStore($"asyncTimeout=30000,{server.Configuration},user=limited,password=secret");
        SessionRecord[] records = [.. Enumerable.Range(0, 6).Select(static _ => RedisScope.NewRecord("ada"))];

        Assert.True(await store.CheckServersAsync(CancellationToken.None));
        Assert.True(await store.CreateAsync(records[0]));
        Assert.True(await store.CreateAsync(records[1]));
        Assert.NotNull(await store.LoadAsync(records[0].Handle));
        Assert.Equal(1, await store.LoadVersionAsync(records[0].Handle));
        Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(records[0].Handle, SessionChanges.Touch)).Status);
        Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(records[0].Handle, Changes())).Status);
        Assert.Equal(SaveStatus.Saved, (await store.RenewAsync(records[1].Handle, records[2] with { Version = 2 })).Status);
        Assert.Empty((await store.AdmitAsync(records[2].Handle, records[3] with { Version = 3 }, new(2, SubjectLimitRule.EvictOldest))).Evicted);
        Assert.Equal(2, (await store.AdmitAsync(null, records[4], new(1, SubjectLimitRule.EvictOldest))).Evicted.Count);
        Assert.True((await store.AdmitAsync(null, records[5], new(1, SubjectLimitRule.RefuseNewest))).IsRefused);
        Assert.Single((await store.FindBySubjectAsync("ada", 10)).Records);
        Assert.Single(await store.DeleteBySubjectAsync("ada"));
        Assert.True(await store.CreateAsync(records[5]));
        Assert.True(await store.DeleteAsync(records[5].Handle));
    }

    // Removals beside other changes, and a total that has to be measured, are paths of their own in the script.
    private static SessionChanges Changes() =>
        new()
        {
            Sets = RedisScope.Set(("theme", "dark")),
            Removes = new HashSet<string> { "cart" },
            Expiry = SessionExpiry.In(TimeSpan.FromHours(1)),
            Limits = new SessionLimits { MaxKeys = 1 },
        };

    private static IEnumerable<string> Commands()
    {
        var sentence = Rights().Match(RepositoryDocument.Read("docs/stores/redis.md"));
        Assert.True(sentence.Success, "docs/stores/redis.md does not list the rights that the user of the server needs.");
        return Command().Matches(sentence.Value).Select(static match => match.Groups[1].Value);
    }

    [GeneratedRegex(@"The user of the server needs its keys.*?; and", RegexOptions.Singleline)]
    private static partial Regex Rights();

    [GeneratedRegex("`([A-Z]+)`")]
    private static partial Regex Command();
}
