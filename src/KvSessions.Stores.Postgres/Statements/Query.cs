using Npgsql;

namespace KvSessions.Stores.Postgres;

/// <summary>A statement with the way to its parameters and the way back from its rows.</summary>
/// <param name="Sql">The statement, with positional parameters.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Bind">Adds the parameters, in order.</param>
/// <param name="Read">Takes one row in; it gets what it made of the rows before, at first the default.</param>
internal sealed record Query<TArgs, TResult>(
    string Sql,
    StatementKind Kind,
    Action<NpgsqlParameterCollection, TArgs> Bind,
    Func<NpgsqlDataReader, TArgs, TResult?, TResult?> Read);
