using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Corruption: what cannot be read is an error and no absence, and is left as it is. For harnesses that can damage a session.</summary>
public abstract class CorruptionConformance : ConformanceTest
{
    [Fact]
    public async Task A_session_that_cannot_be_read_is_an_error_and_harms_no_other()
    {
        var (damaged, other) = (await CreateAsync(), await CreateAsync());
        await Harness.DamageAsync(damaged.Handle);

        await AssertCorruptAsync(async () => await Store.LoadAsync(damaged.Handle));

        await AssertUnchangedAsync(other);
        await SaveAsync(other.Handle, Set(("a", "1")));
        await CreateAsync();
    }

    [Fact]
    public async Task A_session_that_cannot_be_read_is_never_overwritten()
    {
        var session = await CreateAsync(NewSubject());
        await Harness.DamageAsync(session.Handle);

        await AssertCorruptAsync(async () => await Store.SaveAsync(session.Handle, Set(("a", "1"))));
        await AssertCorruptAsync(async () => await Store.SaveAsync(session.Handle, new() { Clears = true, Sets = Values(("a", "1")) }));
        await AssertCorruptAsync(async () => await Store.SaveAsync(session.Handle, Remove("cart")));
        await AssertNotCreatedAsync(NewRecord() with { Handle = session.Handle });

        await Harness.RepairAsync(session.Handle);
        await AssertUnchangedAsync(session);
    }

    [Fact]
    public async Task Nothing_is_renewed_into_a_session_that_cannot_be_read()
    {
        var (damaged, old) = (await CreateAsync(), await CreateAsync());
        await Harness.DamageAsync(damaged.Handle);

        try
        {
            Assert.Equal(SaveResult.Conflict, await Store.RenewAsync(old.Handle, Renewal(old) with { Handle = damaged.Handle }));
        }
        catch (SessionStoreException fault)
        {
            Assert.Equal(SessionStoreError.Corrupt, fault.Error);
        }

        await AssertUnchangedAsync(old);
        await Harness.RepairAsync(damaged.Handle);
        await AssertUnchangedAsync(damaged);
    }

    // The handle is taken, whether or not the store looks at what is there.
    private async Task AssertNotCreatedAsync(SessionRecord record)
    {
        try
        {
            Assert.False(await Store.CreateAsync(record));
        }
        catch (SessionStoreException fault)
        {
            Assert.Equal(SessionStoreError.Corrupt, fault.Error);
        }
    }

    private static async Task AssertCorruptAsync(Func<Task> call) =>
        Assert.Equal(SessionStoreError.Corrupt, (await Assert.ThrowsAsync<SessionStoreException>(call)).Error);
}
