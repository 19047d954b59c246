using System.Collections.Concurrent;
using KvSessions.TestServers;

[assembly: AssemblyFixture(typeof(KvSessions.Stores.Postgres.Tests.PostgresSchemas))]

namespace KvSessions.Stores.Postgres.Tests;

/// <summary>The server of the run, and schemas on it that wait for the next test: to make one takes longer than most tests take.</summary>
public sealed class PostgresSchemas : IAsyncLifetime
{
    private readonly ConcurrentBag<(PostgresSchema Schema, string Role)> _empty = [];
    private PostgresServer? _server;

    /// <summary>The server, as a role that may do everything.</summary>
    public string ConnectionString => _server!.ConnectionString;

    public static async ValueTask<PostgresSchemas> OfThisRunAsync() =>
        await TestContext.Current.GetFixture<PostgresSchemas>() ?? throw new InvalidOperationException("There is no server outside of a test.");

    public bool TryTake(out (PostgresSchema Schema, string Role) empty) => _empty.TryTake(out empty);

    public void Add(PostgresSchema empty, string role) => _empty.Add((empty, role));

    public async ValueTask InitializeAsync() => _server = await PostgresServer.StartSharedAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var (schema, _) in _empty)
        {
            await schema.DisposeAsync();
        }

        await _server!.DisposeAsync();
    }
}
