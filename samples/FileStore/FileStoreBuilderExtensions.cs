using FileSessions;
using KvSessions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps sessions in a folder.</summary>
public static class FileStoreBuilderExtensions
{
    /// <summary>
    /// Keeps the sessions in a <see cref="FileStore"/> on <paramref name="folder"/>. Its clock is the <see cref="TimeProvider"/> of the services.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is a store already.</exception>
    public static KvSessionsBuilder AddFileStore(this KvSessionsBuilder builder, string folder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddStore(services => new FileStore(folder, services.GetService<TimeProvider>()));
    }
}
