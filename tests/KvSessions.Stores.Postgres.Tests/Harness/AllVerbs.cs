namespace KvSessions.Stores.Postgres.Tests;

/// <summary>One call of each verb, with the answer that it has to give.</summary>
internal static class AllVerbs
{
    public static async Task CallAsync(PostgresSchema schema, PostgresStore store)
    {
        var subject = $"user-{SessionId.New().Handle}";
        var (session, created) = (schema.NewRecord(), schema.NewRecord(subject));
        Assert.True(await store.CreateAsync(session));
        Assert.True(await store.CreateAsync(created));
        Assert.Equal(session.Values, (await store.LoadAsync(session.Handle))!.Values);
        Assert.Equal(1, (await store.SaveAsync(session.Handle, SessionChanges.Touch)).Version);
        Assert.Equal(2, (await store.SaveAsync(session.Handle, new() { Sets = PostgresSchema.Set(("a", "1")) })).Version);
        Assert.Equal(3, (await store.SaveAsync(session.Handle, new() { Expiry = SessionExpiry.In(TimeSpan.FromHours(1)) })).Version);
        Assert.Equal(4, (await store.SaveAsync(session.Handle, new() { Clears = true, Expiry = SessionExpiry.In(TimeSpan.FromHours(1)) })).Version);
        Assert.Equal(SaveResult.Conflict, await store.SaveAsync(session.Handle, new() { ExpectedVersion = 1, Clears = true }));
        Assert.Equal(SaveResult.Gone, await store.SaveAsync(SessionId.New().Handle, SessionChanges.Touch));

        var renewed = schema.NewRecord(subject) with { Version = 5 };
        Assert.Equal(SaveStatus.Saved, (await store.RenewAsync(session.Handle, renewed)).Status);
        Assert.Null(await store.LoadAsync(session.Handle));
        Assert.Equal(2, (await store.FindBySubjectAsync(subject, 10)).Records.Count);

        var admitted = await store.AdmitAsync(null, schema.NewRecord(subject), new SubjectLimit(1, SubjectLimitRule.EvictOldest));
        Assert.Equal((SaveStatus.Saved, 2), (admitted.Save.Status, admitted.Evicted.Count));
        Assert.True((await store.AdmitAsync(null, schema.NewRecord(subject), new SubjectLimit(1, SubjectLimitRule.RefuseNewest))).IsRefused);
        Assert.Single(await store.DeleteBySubjectAsync(subject));

        var deleted = schema.NewRecord();
        Assert.True(await store.CreateAsync(deleted));
        Assert.True(await store.DeleteAsync(deleted.Handle));
        Assert.False(await store.DeleteAsync(deleted.Handle));
        Assert.Equal(0, await store.DeleteExpiredAsync(100));
    }
}
