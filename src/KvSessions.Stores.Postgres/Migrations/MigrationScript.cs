using System.Globalization;

namespace KvSessions.Stores.Postgres;

/// <summary>The migrations as text: what <see cref="Migrator"/> runs, and what a DBA gets to run instead.</summary>
internal sealed class MigrationScript(TableNames names, bool unlogged)
{
    public string LockStatement => string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({names.MigrationLock()});");

    /// <summary>What has to be there before the first migration: the encoding that any text of a session has a form in, and the schema. The latter is asked for first: making a schema takes a right even where it is there already.</summary>
    public string SchemaStatement =>
        $"""
        DO $$
        BEGIN
            IF current_setting('server_encoding') <> 'UTF8' THEN
                RAISE EXCEPTION 'sessions need a database with the encoding UTF8' USING ERRCODE = 'feature_not_supported';
            END IF;
            IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = '{names.Schema}') THEN
                CREATE SCHEMA {names.QuotedSchema};
            END IF;
        END
        $$;
        """;

    public string Up(Migration migration) =>
        migration == Migration.All[0] ? $"{SchemaStatement}\n\n{migration.UpFor(names, unlogged)}" : migration.UpFor(names, unlogged);

    public string Down(Migration migration) => migration.DownFor(names);

    /// <summary>The whole way up from <paramref name="from"/>, a transaction for each migration.</summary>
    public string Up(int from) =>
        Join(Migration.All.Where(migration => migration.Number > from).Select(migration => ($"up to version {migration.Number}", Up(migration))));

    /// <summary>The whole way down to <paramref name="target"/>, a transaction for each migration.</summary>
    public string Down(int target) =>
        Join(Migration.All.Where(migration => migration.Number > target).Reverse().Select(migration => ($"version {migration.Number} down", Down(migration))));

    private string Join(IEnumerable<(string Title, string Statements)> migrations) =>
        string.Join(
            "\n\n",
            migrations.Select(migration => $"-- {names.Plain}, {migration.Title}\nBEGIN;\n\n{LockStatement}\n\n{migration.Statements}\n\nCOMMIT;\n"));
}
