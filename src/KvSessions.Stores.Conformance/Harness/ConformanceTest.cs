using System.Text;
using Xunit;
using Xunit.Sdk;

namespace KvSessions.Stores.Conformance;

/// <summary>What the classes of the suite share: one harness for each test, and short ways to say what a test is about.</summary>
public abstract class ConformanceTest : IAsyncLifetime
{
    private SessionStoreHarness? _harness;

    /// <summary>The idle timeout of the sessions that tests make without saying more.</summary>
    protected static TimeSpan IdleTimeout { get; } = TimeSpan.FromMinutes(20);

    /// <summary>The lifetime of the sessions that tests make without saying more.</summary>
    protected static TimeSpan Lifetime { get; } = TimeSpan.FromHours(2);

    /// <summary>The harness of this test.</summary>
    protected SessionStoreHarness Harness => _harness ?? throw new InvalidOperationException("The test has not been initialized.");

    /// <summary>The store under test.</summary>
    protected ISessionStore Store => Harness.Store;

    /// <summary>The time by the clock that decides.</summary>
    protected DateTimeOffset Now => Harness.Now;

    /// <summary>How near to the moment of expiry a test can go: one step of the clock, and its drift.</summary>
    protected TimeSpan Edge => Harness.ClockResolution + Harness.ClockDrift;

    /// <summary>Makes the harness: a fresh one, with an empty store, for each test.</summary>
    protected abstract ValueTask<SessionStoreHarness> CreateHarnessAsync();

    /// <inheritdoc/>
    public virtual async ValueTask InitializeAsync() => _harness = await CreateHarnessAsync();

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_harness is not null)
        {
            await _harness.DisposeAsync();
        }
    }

    /// <summary>A handle that nobody has used.</summary>
    protected static SessionHandle NewHandle() => SessionId.New().Handle;

    /// <summary>A subject that nobody has used.</summary>
    protected static string NewSubject() => $"user-{NewHandle()}";

    // Banned elsewhere, because it can be guessed; here it has to be, so that a test that failed fails again.
#pragma warning disable RS0030
    /// <summary>Randomness that comes out the same for the same seed.</summary>
    protected static Random SeededRandom(int seed) => new(seed);
#pragma warning restore RS0030

    /// <summary>The UTF-8 bytes of <paramref name="text"/>.</summary>
    protected static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A map of texts.</summary>
    protected static SessionValues Values(params (string Key, string Value)[] entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return SessionValues.From(entries.Select(static entry => KeyValuePair.Create(entry.Key, Bytes(entry.Value))));
    }

    /// <summary>Changes that set texts.</summary>
    protected static SessionChanges Set(params (string Key, string Value)[] entries) => new() { Sets = Values(entries) };

    /// <summary>Changes that remove keys.</summary>
    protected static SessionChanges Remove(params string[] keys) => new() { Removes = keys.ToHashSet() };

    /// <summary>A new record, as a request makes it: not resolved, its times by a clock that need not be the store's.</summary>
    protected SessionRecord NewRecord(string? subject = null, SessionExpiry? expiry = null, SessionValues? values = null) =>
        new()
        {
            Handle = NewHandle(),
            Version = 1,
            CreatedAt = Now,
            LastSeenAt = Now,
            Expiry = expiry ?? new SessionExpiry { IdleTimeout = IdleTimeout, Lifetime = Lifetime },
            Subject = subject,
            Values = values ?? Values(("cart", "apples"), ("theme", "dark")),
        };

    /// <summary>The record that renews <paramref name="old"/>, as a request makes it.</summary>
    protected static SessionRecord Renewal(SessionRecord old, string? subject = null)
    {
        ArgumentNullException.ThrowIfNull(old);
        return old with { Handle = NewHandle(), Version = old.Version + 1, Subject = subject ?? old.Subject };
    }

    /// <summary>Creates <paramref name="record"/> and reads back what the store made of it.</summary>
    protected async Task<SessionRecord> CreateAsync(SessionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        Assert.True(await Store.CreateAsync(record), "A session with a new handle was not created.");
        return await LoadLiveAsync(record.Handle);
    }

    /// <summary>Creates an ordinary session and reads back what the store made of it.</summary>
    protected Task<SessionRecord> CreateAsync(string? subject = null, SessionExpiry? expiry = null, SessionValues? values = null) =>
        CreateAsync(NewRecord(subject, expiry, values));

    /// <summary>Reads a session that has to be there.</summary>
    protected async Task<SessionRecord> LoadLiveAsync(SessionHandle handle)
    {
        var record = await Store.LoadAsync(handle);
        Assert.True(record is not null, $"LoadAsync found no session {handle}, but it is there and live.{ResolutionHint}");
        Assert.Equal(handle, record.Handle);
        return record;
    }

    /// <summary>Saves changes that have to be accepted.</summary>
    protected async Task<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes)
    {
        var result = await Store.SaveAsync(handle, changes);
        Assert.True(result.Status == SaveStatus.Saved, $"A save of {handle}, which is there and live, was answered {result.Status}.");
        return result;
    }

    /// <summary>Checks that a session is not there for a reader.</summary>
    protected async Task AssertNotThereAsync(SessionHandle handle)
    {
        var found = await Store.LoadAsync(handle);
        Assert.True(
            found is null,
            $"LoadAsync found session {found} (expires {found?.ExpiresAt:O}, now {Now:O}), which is over or was never stored.");
    }

    /// <summary>Checks that a session is to the last detail what it was.</summary>
    protected async Task AssertUnchangedAsync(SessionRecord before)
    {
        ArgumentNullException.ThrowIfNull(before);
        Assert.Equal(before, await LoadLiveAsync(before.Handle));
    }

    /// <summary>Checks how long ago <paramref name="moment"/> is by the clock that decides; negative for the future.</summary>
    protected void AssertAge(TimeSpan expected, DateTimeOffset? moment)
    {
        Assert.NotNull(moment);
        var off = Now - moment.Value - expected;
        Assert.True(
            off.Duration() <= Edge,
            $"{moment:O} is {Now - moment.Value} ago; it should be {expected}, give or take {Edge}.{ResolutionHint}");
    }

    /// <summary>Checks that two times are the same to the resolution of the store.</summary>
    protected void AssertSameTime(DateTimeOffset expected, DateTimeOffset? actual)
    {
        Assert.NotNull(actual);
        Assert.True(
            (actual.Value - expected).Duration() < Harness.ClockResolution + TimeSpan.FromTicks(1),
            $"{actual:O} should be {expected:O}, give or take {Harness.ClockResolution}.{ResolutionHint}");
    }

    // What a failure that is due to rounded times needs to know; empty for a store that keeps fewer digits than a tick and has said so.
    private string ResolutionHint =>
        Harness.ClockResolution > TimeSpan.FromTicks(1)
            ? ""
            : $" (If the store does not keep every tick, say so in {nameof(SessionStoreHarness)}.{nameof(SessionStoreHarness.ClockResolution)}.)";

    /// <summary>Checks that as much is stored as was acknowledged.</summary>
    private protected static void AssertCount(int acknowledged, long stored, string what) =>
        Assert.True(acknowledged == stored, $"{acknowledged} {what}, {stored} are stored.");

    /// <summary>Checks that of several answers exactly one is <paramref name="wanted"/>.</summary>
    private protected static void AssertOne<T>(IReadOnlyCollection<T> answers, T wanted, string what)
    {
        var count = answers.Count(answer => Equals(answer, wanted));
        Assert.True(count == 1, $"{count} of {answers.Count} {what}; it should be one.");
    }

    /// <summary>Runs a test many times over, and says in which round it failed.</summary>
    private protected static async Task RepeatAsync(int rounds, Func<int, Task> test)
    {
        for (var round = 1; round <= rounds; round++)
        {
            try
            {
                await test(round);
            }
            catch (Exception failure)
            {
                throw new XunitException($"Round {round} of {rounds}: {failure.Message}", failure);
            }
        }
    }

    /// <summary>The store as one that has a capability.</summary>
    protected TStore StoreAs<TStore>()
        where TStore : class, ISessionStore =>
        Store as TStore ?? throw new InvalidOperationException($"{Store.GetType().Name} is no {typeof(TStore).Name}.");

    /// <summary>Lets go of all <paramref name="runners"/> at once and waits for all of them.</summary>
    protected static async Task RaceAsync(params Func<Task>[] runners)
    {
        ArgumentNullException.ThrowIfNull(runners);
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ready = 0;
        var running = runners.Select(runner => Task.Run(async () =>
        {
            await start.Task;
            Interlocked.Increment(ref ready);

            // Threads wake up further apart than a store in memory takes for a call, so those that can run side by side wait for each other.
            var together = Math.Min(runners.Length, Environment.ProcessorCount);
            for (var spins = 0; spins < 2_000 && Volatile.Read(ref ready) < together; spins++)
            {
                Thread.SpinWait(10);
            }

            await runner();
        })).ToList();
        start.SetResult();
        await Task.WhenAll(running);
    }
}
