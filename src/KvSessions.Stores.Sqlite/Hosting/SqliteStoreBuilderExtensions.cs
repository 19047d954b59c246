using KvSessions;
using KvSessions.Stores.Sqlite;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps sessions in a SQLite file.</summary>
public static class SqliteStoreBuilderExtensions
{
    /// <summary>
    /// Keeps the sessions in a <see cref="SqliteStore"/>. Its clock is the <see cref="TimeProvider"/> of the services, or the system's.
    /// The file is made by <see cref="SqliteStore.MigrateUpAsync(CancellationToken)"/> or <see cref="KvSessionsBuilder.MigrateOnStartup"/>.
    /// </summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="dataSource">The path of the database file, or a connection string; see <see cref="SqliteStoreOptions.DataSource"/>.</param>
    /// <param name="configure">Changes further settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">There is a store already.</exception>
    public static KvSessionsBuilder AddSqliteStore(
        this KvSessionsBuilder builder, string dataSource, Action<SqliteStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(dataSource);
        builder.AddStore(static services => new SqliteStore(
            services.GetRequiredService<IOptions<SqliteStoreOptions>>().Value,
            services.GetService<TimeProvider>(),
            services.GetService<ILogger<SqliteStore>>()));
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<SqliteStoreOptions>, SqliteStoreOptionsValidator>());
        builder.Services.AddOptions<SqliteStoreOptions>()
            .Configure(options =>
            {
                options.DataSource = dataSource;
                configure?.Invoke(options);
            })
            .ValidateOnStart();
        return builder;
    }
}
