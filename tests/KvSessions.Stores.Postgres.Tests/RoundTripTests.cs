using Npgsql;

namespace KvSessions.Stores.Postgres.Tests;

/// <summary>What each verb costs, counted on the wire.</summary>
public sealed class RoundTripTests
{
    private static readonly SubjectLimit One = new(1, SubjectLimitRule.EvictOldest);

    /// <summary>The verbs, with the number of statements that each sends; docs/stores/postgres.md has them too.</summary>
    public static TheoryData<string, int> Verbs => new()
    {
        { "load", 1 },
        { "load version", 1 },
        { "create", 1 },
        { "create subject", 2 },
        { "touch", 1 },
        { "save", 1 },
        { "save expiry", 1 },
        { "save values and expiry", 1 },
        { "save conflict", 1 },
        { "save gone", 1 },
        { "delete", 1 },
        { "renew", 1 },
        { "renew subject", 2 },
        { "admit", 2 },
        { "find", 1 },
        { "delete by subject", 2 },
        { "sweep", 1 },
    };

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_is_one_round_trip_and_one_transaction(string verb, int statements)
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var server = new NpgsqlConnectionStringBuilder(schema.ConnectionString);
        await using var proxy = new MessageProxy(server.Host!, server.Port);
        var store = await schema.NewMigratedStoreAsync(options => options.ConnectionString = schema.ConnectionStringFor(builder =>
        {
            (builder.Host, builder.Port, builder.MaxPoolSize) = ("127.0.0.1", proxy.Port, 1);
            (builder.SslMode, builder.GssEncryptionMode) = (SslMode.Disable, GssEncryptionMode.Disable);
        }));

        // From the first time on, and prepared as well.
        await CallAsync(schema, store, verb, () => { });
        for (var call = 0; call < 4; call++)
        {
            await CallAsync(schema, store, verb, proxy.Forget);

            Assert.Equal((1, 1, statements), (proxy.RoundTrips, proxy.Transactions, proxy.Statements));
        }
    }

    private static async Task CallAsync(PostgresSchema schema, PostgresStore store, string verb, Action begin)
    {
        var session = schema.NewRecord();
        await store.CreateAsync(session);
        var changes = new SessionChanges { Sets = PostgresSchema.Set(("theme", "dark")) };
        begin();
        switch (verb)
        {
            case "load":
                Assert.NotNull(await store.LoadAsync(session.Handle));
                break;
            case "load version":
                Assert.Equal(1, await store.LoadVersionAsync(session.Handle));
                break;
            case "create":
                Assert.True(await store.CreateAsync(schema.NewRecord()));
                break;
            case "create subject":
                Assert.True(await store.CreateAsync(schema.NewRecord("ada")));
                break;
            case "touch":
                Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(session.Handle, SessionChanges.Touch)).Status);
                break;
            case "save":
                Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(session.Handle, changes)).Status);
                break;
            case "save expiry":
                Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(session.Handle, new() { Expiry = session.Expiry })).Status);
                break;
            case "save values and expiry":
                Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(session.Handle, new() { Clears = true, Expiry = session.Expiry })).Status);
                break;
            case "save conflict":
                Assert.Equal(SaveResult.Conflict, await store.SaveAsync(session.Handle, new() { ExpectedVersion = 7, Sets = changes.Sets }));
                break;
            case "save gone":
                Assert.Equal(SaveResult.Gone, await store.SaveAsync(SessionId.New().Handle, changes));
                break;
            case "delete":
                Assert.True(await store.DeleteAsync(session.Handle));
                break;
            case "renew":
                Assert.Equal(SaveStatus.Saved, (await store.RenewAsync(session.Handle, schema.NewRecord() with { Version = 2 })).Status);
                break;
            case "renew subject":
                Assert.Equal(SaveStatus.Saved, (await store.RenewAsync(session.Handle, schema.NewRecord("ada") with { Version = 2 })).Status);
                break;
            case "admit":
                Assert.Equal(
                    SaveStatus.Saved, (await store.AdmitAsync(session.Handle, schema.NewRecord("ada") with { Version = 2 }, One)).Save.Status);
                break;
            case "find":
                Assert.Empty((await store.FindBySubjectAsync("nobody", 10)).Records);
                break;
            case "delete by subject":
                Assert.Empty(await store.DeleteBySubjectAsync("nobody"));
                break;
            case "sweep":
                Assert.Equal(0, await store.DeleteExpiredAsync(100));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(verb), verb, null);
        }
    }
}
