using Npgsql;
using NpgsqlTypes;

namespace KvSessions.Stores.Postgres;

/// <summary>Typed parameters: nothing is boxed, and the server never has to guess a type.</summary>
internal static class Parameters
{
    public static void AddHandle(this NpgsqlParameterCollection parameters, SessionHandle? handle) =>
        parameters.AddBytes(handle?.ToByteArray());

    public static void AddBytes(this NpgsqlParameterCollection parameters, byte[]? bytes) =>
        parameters.AddReference(bytes, NpgsqlDbType.Bytea);

    public static void AddText(this NpgsqlParameterCollection parameters, string? text) =>
        parameters.AddReference(text, NpgsqlDbType.Text);

    public static void AddTexts(this NpgsqlParameterCollection parameters, string[] texts) =>
        parameters.AddReference(texts, NpgsqlDbType.Array | NpgsqlDbType.Text);

    public static void AddJson(this NpgsqlParameterCollection parameters, ReadOnlyMemory<byte> utf8) =>
        parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = utf8, NpgsqlDbType = NpgsqlDbType.Jsonb });

    public static void AddBigint(this NpgsqlParameterCollection parameters, long? number) =>
        parameters.AddValue(number, NpgsqlDbType.Bigint);

    public static void AddInteger(this NpgsqlParameterCollection parameters, int number) =>
        parameters.AddValue<int>(number, NpgsqlDbType.Integer);

    public static void AddBoolean(this NpgsqlParameterCollection parameters, bool value) =>
        parameters.AddValue<bool>(value, NpgsqlDbType.Boolean);

    public static void AddMoment(this NpgsqlParameterCollection parameters, DateTimeOffset? moment) =>
        parameters.AddValue(moment is { } value ? PostgresTime.ToMicroseconds(value) : (long?)null, NpgsqlDbType.TimestampTz);

    public static void AddDuration(this NpgsqlParameterCollection parameters, TimeSpan? duration) =>
        parameters.AddValue(duration is { } value ? PostgresTime.ToInterval(value) : (NpgsqlInterval?)null, NpgsqlDbType.Interval);

    private static void AddReference<T>(this NpgsqlParameterCollection parameters, T? value, NpgsqlDbType type)
        where T : class =>
        parameters.Add(value is null ? Null(type) : new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });

    private static void AddValue<T>(this NpgsqlParameterCollection parameters, T? value, NpgsqlDbType type)
        where T : struct =>
        parameters.Add(value is { } present ? new NpgsqlParameter<T> { TypedValue = present, NpgsqlDbType = type } : Null(type));

    private static NpgsqlParameter Null(NpgsqlDbType type) => new() { Value = DBNull.Value, NpgsqlDbType = type };
}
