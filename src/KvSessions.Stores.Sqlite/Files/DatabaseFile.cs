using Microsoft.Data.Sqlite;

namespace KvSessions.Stores.Sqlite;

/// <summary>Where the database is, and how it comes into being.</summary>
internal sealed class DatabaseFile
{
    private const string Option = nameof(SqliteStoreOptions.DataSource);

    // Held while a file is made: closing any descriptor of a file drops all locks that the process has on it, so the descriptor
    // that made it must be closed before SQLite opens it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    private static readonly Lock Making = new();

    public DatabaseFile(string dataSource)
    {
        if (Objection(dataSource) is { } objection)
        {
            throw new ArgumentException(objection, nameof(dataSource));
        }

        var settings = Parse(dataSource)!;
        Path = System.IO.Path.GetFullPath(settings.DataSource);
        settings.DataSource = Path;
        // SQLite must never make the file, for it would not give it mode 0600. The store keeps its own connections open.
        settings.Mode = SqliteOpenMode.ReadWrite;
        settings.Pooling = false;
        ConnectionString = settings.ToString();
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>May hold a password; it is for the driver only.</summary>
    public string ConnectionString { get; }

    public bool Exists => File.Exists(Path);

    /// <summary>What is wrong with a data source, in a sentence that names the option; <see langword="null"/> if nothing is.</summary>
    public static string? Objection(string? dataSource)
    {
        if (string.IsNullOrWhiteSpace(dataSource))
        {
            return $"{Option} is empty; give the path of the database file, for example \"sessions.db\".";
        }

        // A connection string is not quoted back: it may hold a password.
        if (Parse(dataSource) is not { } settings)
        {
            return $"{Option} contains '=' but is no connection string that Microsoft.Data.Sqlite understands; "
                + "for a path that contains '=', write Data Source=\"the path\".";
        }

        if (settings.Mode == SqliteOpenMode.Memory || settings.DataSource is "" or ":memory:")
        {
            return $"{Option} is a database in memory, which would be lost with each connection; "
                + "use MemoryStore (AddMemoryStore() of KvSessions.Stores.Memory) to keep sessions in memory.";
        }

        if (settings.Mode == SqliteOpenMode.ReadOnly)
        {
            return $"{Option} says Mode=ReadOnly; sessions have to be written.";
        }

        if (settings.Cache == SqliteCacheMode.Shared)
        {
            return $"{Option} says Cache=Shared, which defeats write-ahead logging; leave it out.";
        }

        return settings.DataSource.StartsWith("file:", StringComparison.OrdinalIgnoreCase) || settings.DataSource.StartsWith('|')
            ? $"{Option} is a URI or contains |DataDirectory|; give the path of the file."
            : null;
    }

    /// <summary>Makes an empty database that nobody but the user of this process may read or write, if there is none.</summary>
    /// <exception cref="SessionStoreException">The file system refuses.</exception>
    public void MakeIfMissing()
    {
        lock (Making)
        {
            if (Exists)
            {
                return;
            }

            try
            {
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                {
                    // SQLite gives the -wal and -shm files the mode of the database.
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                using var made = new FileStream(Path, options);
            }
            catch (IOException) when (Exists)
            {
                // Another process made it in this moment.
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new SessionStoreException(
                    SessionStoreError.Unavailable,
                    $"The session database '{Path}' cannot be made: its directory must exist, and the process must be allowed to write to it.",
                    exception);
            }
        }
    }

    /// <summary>What an error of SQLite means for whoever uses this file.</summary>
    public SessionStoreException Fault(SqliteException exception) =>
        exception.SqliteErrorCode == SQLitePCL.raw.SQLITE_CANTOPEN && !Exists
            ? Schema.Unmigrated(Path, version: 0)
            : SqliteFault.ToStoreException(exception, Path);

    private static SqliteConnectionStringBuilder? Parse(string dataSource)
    {
        if (!dataSource.Contains('=', StringComparison.Ordinal))
        {
            return new SqliteConnectionStringBuilder { DataSource = dataSource };
        }

        try
        {
            return new SqliteConnectionStringBuilder(dataSource);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return null;
        }
    }
}
