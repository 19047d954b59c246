namespace KvSessions.Core.Tests.Stores;

public sealed class AdmitResultTests
{
    [Fact]
    public void Only_what_the_limit_stood_in_the_way_of_is_refused()
    {
        var evicted = SessionId.New().Handle;
        var saved = AdmitResult.Admitted(SaveResult.Saved(Records.New()), [evicted]);

        Assert.True(AdmitResult.Refused.IsRefused);
        Assert.Empty(AdmitResult.Refused.Evicted);
        Assert.False(saved.IsRefused);
        Assert.Equal([evicted], saved.Evicted);
        Assert.Equal(SaveStatus.Saved, saved.Save.Status);
        Assert.All(
            new[] { SaveResult.Gone, SaveResult.Conflict },
            save =>
            {
                Assert.Equal((save, false), (AdmitResult.NotSaved(save).Save, AdmitResult.NotSaved(save).IsRefused));
                Assert.Empty(AdmitResult.NotSaved(save).Evicted);
            });
    }
}
