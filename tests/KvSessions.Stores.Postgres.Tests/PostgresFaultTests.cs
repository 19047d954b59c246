using Npgsql;

namespace KvSessions.Stores.Postgres.Tests;

public sealed class PostgresFaultTests
{
    private static readonly TableNames Names = new("public", "kv_sessions");

    [Theory]
    [InlineData("42P01", "Write", SessionStoreError.Unavailable, "MigrateUpAsync()")]
    [InlineData("42501", "Write", SessionStoreError.Unavailable, "right")]
    [InlineData("25006", "Write", SessionStoreError.Unavailable, "read-only")]
    [InlineData("53100", "Write", SessionStoreError.Unavailable, "disk is full")]
    [InlineData("53300", "Write", SessionStoreError.Unavailable, "max_connections")]
    [InlineData("57P01", "Write", SessionStoreError.Unavailable, "shutting down")]
    [InlineData("57014", "Write", SessionStoreError.Unavailable, "cancelled")]
    [InlineData("57014", "Read", SessionStoreError.TimedOut, "cancelled")]
    [InlineData("26000", "Write", SessionStoreError.Unavailable, "Max Auto Prepare=0")]
    [InlineData("42P05", "Read", SessionStoreError.Unavailable, "Max Auto Prepare=0")]
    [InlineData("22023", "Write", SessionStoreError.Corrupt, "not what this version writes")]
    [InlineData("XX001", "Read", SessionStoreError.Corrupt, "damaged")]
    [InlineData("XX000", "Write", SessionStoreError.Unavailable, "XX000")]
    [InlineData("08P01", "Write", SessionStoreError.UnknownOutcome, "may or may not")]
    [InlineData("08006", "Read", SessionStoreError.Unavailable, "lost")]
    [InlineData("57P02", "Write", SessionStoreError.UnknownOutcome, "may or may not")]
    [InlineData("57P02", "RepeatableWrite", SessionStoreError.UnknownOutcome, "may or may not")]
    public void What_the_server_says_means_what_it_says(string code, string kind, SessionStoreError error, string words)
    {
        var exception = PostgresFault.OfStatement(Error(code), Enum.Parse<StatementKind>(kind), Names);

        Assert.Equal(error, exception.Error);
        Assert.Contains(words, exception.Message);
        Assert.Contains("public.kv_sessions", exception.Message);
    }

    [Theory]
    [InlineData("Read", SessionStoreError.Unavailable, SessionStoreError.TimedOut)]
    [InlineData("Write", SessionStoreError.UnknownOutcome, SessionStoreError.UnknownOutcome)]
    [InlineData("RepeatableWrite", SessionStoreError.UnknownOutcome, SessionStoreError.UnknownOutcome)]
    [InlineData("Migration", SessionStoreError.UnknownOutcome, SessionStoreError.UnknownOutcome)]
    public void A_lost_answer_to_a_write_is_no_answer(string kind, SessionStoreError lost, SessionStoreError late)
    {
        var broken = new NpgsqlException("broken", new IOException("reset"));
        var timeout = new NpgsqlException("timeout", new TimeoutException());

        Assert.Equal(lost, PostgresFault.OfStatement(broken, Enum.Parse<StatementKind>(kind), Names).Error);
        Assert.Equal(late, PostgresFault.OfStatement(timeout, Enum.Parse<StatementKind>(kind), Names).Error);
    }

    [Fact]
    public void Only_what_is_safe_is_repeated()
    {
        var broken = new NpgsqlException("broken", new IOException("reset"));
        Assert.True(PostgresFault.MayRepeatElsewhere(broken, StatementKind.Read));
        Assert.True(PostgresFault.MayRepeatElsewhere(broken, StatementKind.RepeatableWrite));
        Assert.False(PostgresFault.MayRepeatElsewhere(broken, StatementKind.Write));
        Assert.False(PostgresFault.MayRepeatElsewhere(new NpgsqlException("timeout", new TimeoutException()), StatementKind.Read));

        // The server process ended in good order, without the statement.
        Assert.True(PostgresFault.MayRepeatElsewhere(Error("57P01"), StatementKind.Write));

        // It may have ended after the statement.
        Assert.False(PostgresFault.MayRepeatElsewhere(Error("57P02"), StatementKind.Write));
        Assert.False(PostgresFault.MayRepeatElsewhere(Error("08P01"), StatementKind.Write));
        Assert.True(PostgresFault.MayRepeatElsewhere(Error("08P01"), StatementKind.Read));
        Assert.False(PostgresFault.MayRepeatElsewhere(Error("53100"), StatementKind.Read));

        Assert.All(["40001", "40P01"], code => Assert.True(PostgresFault.WasRolledBack(Error(code))));
        Assert.False(PostgresFault.WasRolledBack(Error("0A000")));
        Assert.True(PostgresFault.WasRolledBack(new PostgresException("cached plan", "ERROR", "ERROR", "0A000", routine: "RevalidateCachedQuery")));
    }

    [Fact]
    public void A_server_that_panics_may_have_written_the_commit()
    {
        var panic = new PostgresException("text", "PANIC", "PANIC", "53100");

        Assert.Equal(SessionStoreError.UnknownOutcome, PostgresFault.OfStatement(panic, StatementKind.Write, Names).Error);
        Assert.Equal(SessionStoreError.Unavailable, PostgresFault.OfStatement(panic, StatementKind.Read, Names).Error);
        Assert.False(PostgresFault.MayRepeatElsewhere(panic, StatementKind.Write));
        Assert.True(PostgresFault.MayRepeatElsewhere(panic, StatementKind.RepeatableWrite));
    }

    private static PostgresException Error(string code) => new("text", "FATAL", "FATAL", code);
}
