using KvSessions.Stores.Memory;
using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Core.Tests;

/// <summary>The sessions of one process over a memory store, on a clock that stands still until it is moved.</summary>
internal sealed class SessionBench
{
    public static readonly SessionKey<int> Number = new("number");
    public static readonly SessionKey<string> Text = new("text");
    public static readonly SessionKey<string> Other = new("other");

    public SessionBench(Action<KvSessionsOptions>? configure = null, SessionBench? sameStoreAs = null)
    {
        configure?.Invoke(Options);
        Clock = sameStoreAs?.Clock ?? new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Store = sameStoreAs?.Store ?? new CountingStore(NewMemoryStore(Clock));
        var options = Microsoft.Extensions.Options.Options.Create(Options);
        Calls = new StoreCalls(Store, options, Clock);
        Touches = new SessionTouches(Calls, options, Clock, TouchLog);
        Factory = new SessionFactory(Calls, Touches, options, Clock, Log);
    }

    public KvSessionsOptions Options { get; } = new();

    public FakeTimeProvider Clock { get; }

    public CountingStore Store { get; }

    public StoreCalls Calls { get; }

    public SessionTouches Touches { get; }

    public SessionFactory Factory { get; }

    public ListLogger<Session> Log { get; } = new();

    public ListLogger<SessionTouches> TouchLog { get; } = new();

    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>A request: its session, and the client that it answers.</summary>
    public (Session Session, FakeTransport Client) Request(SessionId? id = null, bool failOpen = false)
    {
        var client = new FakeTransport();
        return (Factory.Open(id, client, failOpen), client);
    }

    public Session Open(SessionId? id = null, bool failOpen = false) => Request(id, failOpen).Session;

    /// <summary>A request that stores something, so that there is a session. The calls it took are forgotten.</summary>
    public async Task<SessionId> SeedAsync(int number = 1, string? subject = null, SessionExpiry? expiry = null)
    {
        var (session, client) = Request();
        session.Set(Number, number);
        if (expiry is not null && subject is null)
        {
            session.SetExpiry(expiry);
        }

        if (subject is null)
        {
            await session.CommitAsync();
        }
        else
        {
            await session.SignInAsync(subject, expiry);
        }

        Store.Forget();
        return client.Id!;
    }

    /// <summary>What is stored, asked past the counting.</summary>
    public ValueTask<SessionRecord?> StoredAsync(SessionId id) => Store.Inner.LoadAsync(id.Handle);

    public static MemoryStore NewMemoryStore(TimeProvider clock) => new(timeProvider: clock);
}
