using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;

namespace KvSessions.Bench;

/// <summary>What a request does with its session, on <see cref="KvSessions.Stores.Memory.MemoryStore"/> and without a web server.</summary>
[MemoryDiagnoser]
public class SessionOperations
{
    private static readonly SessionKey<string> Text = new(Payload.Names[0]);

    private static readonly SessionKey<int> Number = new(
        Payload.Names[1],
        static number => Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)),
        static bytes => int.Parse(bytes.Span, CultureInfo.InvariantCulture));

    private readonly NoTransport _transport = new();
    private SessionFactory _sessions = null!;
    private SessionId _id = null!;
    private Session _cached = null!;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddKvSessionsCore().AddMemoryStore();
        _sessions = services.BuildServiceProvider().GetRequiredService<SessionFactory>();

        var session = _sessions.Open(null, _transport);
        foreach (var name in Payload.Names)
        {
            session.Set(new SessionKey<string>(name), new string('v', 72));
        }

        session.Set(Number, 42);
        await session.CommitAsync();
        _id = _transport.Issued!;
        _cached = _sessions.Open(_id, _transport);
        await _cached.GetRecordAsync();
    }

    [Benchmark(Description = "first read of a request")]
    public ValueTask<string?> ReadAsync() => _sessions.Open(_id, _transport).GetAsync(Text);

    [Benchmark(Description = "cached read, a text of 72 characters")]
    public ValueTask<string?> ReadCachedTextAsync() => _cached.GetAsync(Text);

    [Benchmark(Description = "cached read, a number")]
    public ValueTask<int> ReadCachedNumberAsync() => _cached.GetAsync(Number);

    [Benchmark(Description = "read, set and commit")]
    public async Task ReadAndWriteAsync()
    {
        var session = _sessions.Open(_id, _transport);
        var number = await session.GetAsync(Number);
        session.Set(Number, number);
        await session.CommitAsync();
    }

    [Benchmark(Description = "update")]
    public ValueTask<int> UpdateAsync() => _sessions.Open(_id, _transport).UpdateAsync(Number, static number => number);
}
