using KvSessions;
using KvSessions.Stores.Postgres;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Connects the memory caches of all nodes by PostgreSQL.</summary>
public static class PostgresBackplaneBuilderExtensions
{
    /// <summary>Connects the memory caches by a <see cref="PostgresBackplane"/> with connections of its own.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="connectionString">A connection string of Npgsql; see <see cref="PostgresBackplaneOptions.ConnectionString"/>.</param>
    /// <param name="configure">Changes further settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">There is a backplane already.</exception>
    public static KvSessionsBuilder AddPostgresBackplane(
        this KvSessionsBuilder builder, string connectionString, Action<PostgresBackplaneOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        return Add(builder, options => options.ConnectionString = connectionString, configure);
    }

    /// <summary>Connects the memory caches by a <see cref="PostgresBackplane"/> over a data source of the application's, which it does not dispose.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="dataSource">The data source, which gives one connection away for as long as the host runs.</param>
    /// <param name="configure">Changes further settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">There is a backplane already.</exception>
    public static KvSessionsBuilder AddPostgresBackplane(
        this KvSessionsBuilder builder, NpgsqlDataSource dataSource, Action<PostgresBackplaneOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return Add(builder, options => options.DataSource = dataSource, configure);
    }

    /// <summary>
    /// Connects the memory caches by a <see cref="PostgresBackplane"/> on what the <see cref="PostgresStore"/> has been given
    /// (<see cref="PostgresStoreOptions"/>), or, where the sessions are kept elsewhere, on the <see cref="NpgsqlDataSource"/> of the
    /// services; if <paramref name="configure"/> names neither another one nor a connection string.
    /// </summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="configure">Changes further settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">There is a backplane already.</exception>
    public static KvSessionsBuilder AddPostgresBackplane(this KvSessionsBuilder builder, Action<PostgresBackplaneOptions>? configure = null) =>
        Add(builder, static _ => { }, configure);

    private static KvSessionsBuilder Add(
        KvSessionsBuilder builder, Action<PostgresBackplaneOptions> connect, Action<PostgresBackplaneOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddBackplane(static services => new PostgresBackplane(services.GetRequiredService<IOptions<PostgresBackplaneOptions>>().Value));
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<PostgresBackplaneOptions>, PostgresBackplaneOptionsValidator>());
        builder.Services.AddOptions<PostgresBackplaneOptions>()
            .Configure(connect)
            .Configure(configure ?? (static _ => { }))
            .Configure<IServiceProvider>(Complete)
            .ValidateOnStart();
        return builder;
    }

    private static void Complete(PostgresBackplaneOptions options, IServiceProvider services)
    {
        // Unless there is such a store, the options are those of nobody, and are not looked at as if they were.
        var store = services.GetRequiredService<IOptions<PostgresStoreOptions>>();
        var isKeptHere = services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(PostgresStore));
        if (isKeptHere)
        {
            options.Channel ??= ChannelName.Of(store.Value.Schema, store.Value.Table);
        }

        if (options is not { ConnectionString: null, DataSource: null })
        {
            return;
        }

        if (isKeptHere)
        {
            (options.ConnectionString, options.DataSource) = (store.Value.ConnectionString, store.Value.DataSource);
        }
        else
        {
            options.DataSource = services.GetService<NpgsqlDataSource>();
        }
    }
}
