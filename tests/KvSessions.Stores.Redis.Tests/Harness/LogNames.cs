using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace KvSessions.Stores.Redis.Tests;

/// <summary>The names of the messages that a store has logged.</summary>
internal sealed class LogNames : ILogger<RedisStore>
{
    private readonly ConcurrentQueue<(LogLevel Level, string Name)> _entries = new();

    public IEnumerable<string> All => _entries.Select(static entry => entry.Name);

    public IEnumerable<string> Warnings => _entries.Where(static entry => entry.Level >= LogLevel.Warning).Select(static entry => entry.Name);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((logLevel, eventId.Name!));
}
