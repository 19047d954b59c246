namespace KvSessions.Stores.Redis.Tests;

/// <summary>What tests share that look into what a store keeps: a scope of their own on the shared server.</summary>
public abstract class ScopedTest : IAsyncLifetime
{
    private RedisScope? _scope;
    private RedisStore? _store;

    /// <summary>The scope of this test.</summary>
    protected RedisScope Scope => _scope ?? throw new InvalidOperationException("The test has not been initialized.");

    /// <summary>A store on it.</summary>
    protected RedisStore Store => _store ??= Scope.NewStore();

    public async ValueTask InitializeAsync() => _scope = await RedisScope.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Scope.DisposeAsync();
    }
}
