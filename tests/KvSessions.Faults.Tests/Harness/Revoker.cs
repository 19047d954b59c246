using System.Collections.Concurrent;

namespace KvSessions.Faults.Tests;

/// <summary>A client that signs a subject in twice and ends its sessions, one subject after another, and remembers what the store refused to do.</summary>
internal sealed class Revoker(ISubjectSessionStore store)
{
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<SessionHandle, bool> _isThere = new();

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await RevokeAsync();
            }
            catch (SessionStoreException fault) when (fault.Error is SessionStoreError.Unavailable or SessionStoreError.UnknownOutcome)
            {
                await Task.Delay(PauseAfterFault, CancellationToken.None);
            }
        }
    }

    /// <summary>Holds the store against what was refused and against what was ended.</summary>
    /// <returns>What is wrong.</returns>
    public async Task<IReadOnlyList<string>> CheckAsync(ISessionStore found)
    {
        var faults = new List<string>();
        foreach (var (handle, isThere) in _isThere)
        {
            if (await found.LoadAsync(handle) is not null != isThere)
            {
                faults.Add($"The session {handle} {(isThere ? "has ended, although ending it was refused" : "is there, although creating it was refused or it had ended")}.");
            }
        }

        return faults;
    }

    private async Task RevokeAsync()
    {
        var subject = $"revoked-{SessionId.New().Handle}";
        SessionHandle[] signedIn = [await SignInAsync(subject), await SignInAsync(subject)];
        Note(signedIn, isThere: true);
        try
        {
            var ended = await store.DeleteBySubjectAsync(subject);
            Assert.Equal(signedIn.Order(), ended.Order());
            Note(signedIn, isThere: false);
        }
        catch (SessionStoreException fault) when (fault.Error == SessionStoreError.UnknownOutcome)
        {
            // Ended or not: nothing can be said about them.
            foreach (var handle in signedIn)
            {
                _isThere.TryRemove(handle, out _);
            }

            throw;
        }
    }

    private async Task<SessionHandle> SignInAsync(string subject)
    {
        var record = Records.New(subject);
        try
        {
            Assert.True(await store.CreateAsync(record), "A handle that nobody else has was taken: the creation was sent twice.");
            return record.Handle;
        }
        catch (SessionStoreException fault) when (fault.Error == SessionStoreError.Unavailable)
        {
            Note([record.Handle], isThere: false);
            throw;
        }
    }

    private void Note(IEnumerable<SessionHandle> handles, bool isThere)
    {
        foreach (var handle in handles)
        {
            _isThere[handle] = isThere;
        }
    }
}
