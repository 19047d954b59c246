using Dapper;

namespace KvSessions.Stores.Postgres.Tests;

/// <summary>The plan of every statement, as the server makes it for a prepared one that it knows nothing of, over a table that is worth an index.</summary>
public sealed class PlanTests(PlanTests.FilledTable table) : IClassFixture<PlanTests.FilledTable>
{
    private const int Rows = 20_000;

    public static TheoryData<string, string> Statements => new()
    {
        { nameof(Postgres.Statements.Load), "pkey" },
        { nameof(Postgres.Statements.LoadVersion), "pkey" },
        { nameof(Postgres.Statements.Touch), "pkey" },
        { nameof(Postgres.Statements.SaveValues), "pkey" },
        { nameof(Postgres.Statements.SaveExpiry), "pkey" },
        { nameof(Postgres.Statements.SaveValuesAndExpiry), "pkey" },
        { nameof(Postgres.Statements.MeasureAndSaveValues), "pkey" },
        { nameof(Postgres.Statements.MeasureAndSaveValuesAndExpiry), "pkey" },
        { nameof(Postgres.Statements.Delete), "pkey" },
        { nameof(Postgres.Statements.Renew), "pkey" },
        { nameof(Postgres.Statements.Admit), "by_subject" },
        { nameof(Postgres.Statements.FindBySubject), "by_subject" },
        { nameof(Postgres.Statements.DeleteBySubject), "by_subject" },
        { nameof(Postgres.Statements.Sweep), "by_sweep_after" },
    };

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task No_statement_reads_the_whole_table(string statement, string index)
    {
        var query = typeof(Statements).GetProperty(statement)!.GetValue(table.Store.Statements)!;
        var sql = (string)query.GetType().GetProperty("Sql")!.GetValue(query)!;
        await using var connection = await table.Schema.OpenAsync();
        await connection.ExecuteAsync($"SET plan_cache_mode = force_generic_plan; PREPARE statement AS {sql}");

        var count = await connection.ExecuteScalarAsync<int>("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'statement'");
        var nulls = string.Join(", ", Enumerable.Repeat("NULL", count));
        var plan = string.Join('\n', await connection.QueryAsync<string>($"EXPLAIN (COSTS OFF) EXECUTE statement ({nulls})"));

        TestContext.Current.SendDiagnosticMessage($"{statement}:\n{plan}");
        Assert.Contains($"kv_sessions_{index}", plan);
        Assert.DoesNotContain("Seq Scan", plan);
        Assert.DoesNotContain("Sort Key: s.sweep_after", plan);
    }

    public sealed class FilledTable : IAsyncLifetime
    {
        private PostgresSchema? _schema;
        private PostgresStore? _store;

        internal PostgresSchema Schema => _schema!;

        internal PostgresStore Store => _store!;

        public async ValueTask InitializeAsync()
        {
            _schema = await PostgresSchema.CreateAsync();
            _store = await _schema.NewMigratedStoreAsync();
            await _schema.ExecuteAsync(
                $"""
                INSERT INTO {_schema.Table}
                       (version, created_at, last_seen_at, sweep_after, idle_timeout, most_keys, most_bytes, is_persistent, handle, subject, data)
                SELECT 1, now(), now(), now() + i * interval '1 second', interval '20 minutes', 1, 105, false, sha256(i::text::bytea),
                       CASE WHEN i % 2 = 0 THEN 'user ' || i / 4 END, jsonb_build_object('cart', '=' || repeat('x', 100))
                FROM generate_series(1, {Rows}) i;
                ANALYZE {_schema.Table};
                """);
        }

        public async ValueTask DisposeAsync() => await (_schema?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
