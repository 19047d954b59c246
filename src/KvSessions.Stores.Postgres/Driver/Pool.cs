using Npgsql;

namespace KvSessions.Stores.Postgres;

/// <summary>Where connections come from: a data source of the application's, or one of the store's own.</summary>
internal sealed class Pool : IAsyncDisposable
{
    private readonly string? _connectionString;
    private readonly NpgsqlDataSource? _first;
    private readonly bool _mayStopPreparing;
    private readonly Lock _lock = new();
    private volatile NpgsqlDataSource _dataSource;

    public Pool(PostgresStoreOptions options)
    {
        _connectionString = options.ConnectionString;
        if (_connectionString is not null)
        {
            _first = NpgsqlDataSource.Create(ConnectionText.Complete(_connectionString, isPreparing: true));
            _mayStopPreparing = !ConnectionText.SaysWhatIsPrepared(_connectionString);
        }

        _dataSource = options.DataSource ?? _first!;
    }

    public NpgsqlDataSource DataSource => _dataSource;

    /// <summary>Changes to connections on which nothing is prepared, unless that is somebody else's to decide.</summary>
    /// <returns>Whether it has just been changed.</returns>
    public bool TryStopPreparing()
    {
        lock (_lock)
        {
            if (!_mayStopPreparing || _dataSource != _first)
            {
                return false;
            }

            _dataSource = NpgsqlDataSource.Create(ConnectionText.Complete(_connectionString!, isPreparing: false));
        }

        // Not disposed yet: others may be using it at this moment. What is idle is closed now, and what is in use when it comes back.
        _first.Clear();
        return true;
    }

    /// <summary>Closes what is the store's own.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_first is not null)
        {
            await _first.DisposeAsync().ConfigureAwait(false);
            await _dataSource.DisposeAsync().ConfigureAwait(false);
        }
    }
}
