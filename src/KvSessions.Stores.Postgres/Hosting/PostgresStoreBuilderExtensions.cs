using KvSessions;
using KvSessions.Stores.Postgres;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps sessions in PostgreSQL.</summary>
public static class PostgresStoreBuilderExtensions
{
    /// <summary>
    /// Keeps the sessions in a <see cref="PostgresStore"/> with a connection pool of its own. Its tables are made by
    /// <see cref="PostgresStore.MigrateUpAsync(CancellationToken)"/> or <see cref="KvSessionsBuilder.MigrateOnStartup"/>.
    /// </summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="connectionString">A connection string of Npgsql; see <see cref="PostgresStoreOptions.ConnectionString"/>.</param>
    /// <param name="configure">Changes further settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">There is a store already.</exception>
    public static KvSessionsBuilder AddPostgresStore(
        this KvSessionsBuilder builder, string connectionString, Action<PostgresStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        Add(builder).Configure(options => options.ConnectionString = connectionString).Configure(configure ?? Nothing);
        return builder;
    }

    /// <summary>Keeps the sessions in a <see cref="PostgresStore"/> over a data source of the application's, which it does not dispose.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="dataSource">The data source.</param>
    /// <param name="configure">Changes further settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">There is a store already.</exception>
    public static KvSessionsBuilder AddPostgresStore(
        this KvSessionsBuilder builder, NpgsqlDataSource dataSource, Action<PostgresStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        Add(builder).Configure(options => options.DataSource = dataSource).Configure(configure ?? Nothing);
        return builder;
    }

    /// <summary>
    /// Keeps the sessions in a <see cref="PostgresStore"/> over the <see cref="NpgsqlDataSource"/> of the services, if
    /// <paramref name="configure"/> names neither another one nor a connection string.
    /// </summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="configure">Changes further settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">There is a store already.</exception>
    public static KvSessionsBuilder AddPostgresStore(this KvSessionsBuilder builder, Action<PostgresStoreOptions>? configure = null)
    {
        Add(builder)
            .Configure(configure ?? Nothing)
            .Configure<IServiceProvider>(static (options, services) =>
            {
                if (options is { ConnectionString: null, DataSource: null })
                {
                    options.DataSource = services.GetService<NpgsqlDataSource>();
                }
            });
        return builder;
    }

    private static OptionsBuilder<PostgresStoreOptions> Add(KvSessionsBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddStore(static services => new PostgresStore(
            services.GetRequiredService<IOptions<PostgresStoreOptions>>().Value,
            services.GetService<ILogger<PostgresStore>>()));
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<PostgresStoreOptions>, PostgresStoreOptionsValidator>());
        return builder.Services.AddOptions<PostgresStoreOptions>().ValidateOnStart();
    }

    private static void Nothing(PostgresStoreOptions options)
    {
    }
}
