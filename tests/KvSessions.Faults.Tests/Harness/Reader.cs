using KvSessions.Tests.Crash;

namespace KvSessions.Faults.Tests;

/// <summary>
/// A client that reads, again and again: a session that nobody changes and that is always there, by its handle and by its subject, and
/// sessions that have ended and are never there. A fault is none of these answers.
/// </summary>
internal sealed class Reader(ISubjectSessionStore store, SessionRecord bystander, Graveyard dead, int seed)
{
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromMilliseconds(10);

    private readonly Random _random = new(seed);

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ReadAsync();
            }
            catch (SessionStoreException fault) when (fault.Error is SessionStoreError.Unavailable or SessionStoreError.TimedOut)
            {
                await Task.Delay(PauseAfterFault, CancellationToken.None);
            }
        }
    }

    private async Task ReadAsync()
    {
        var found = await store.LoadAsync(bystander.Handle);
        Assert.True(found is not null, "A session that is there was read as none.");
        Assert.True(SessionState.Of(bystander).IsAlso(SessionState.Of(found)), $"A session was read as {SessionState.Of(found)}.");
        var page = await store.FindBySubjectAsync(bystander.Subject!, 10);
        Assert.Equal([bystander.Handle], page.Records.Select(static record => record.Handle));
        if (dead.Pick(_random) is { } ended)
        {
            Assert.True(await store.LoadAsync(ended) is null, $"The session {ended} had ended and was read again.");
        }
    }
}
