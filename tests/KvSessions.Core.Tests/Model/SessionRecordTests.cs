namespace KvSessions.Core.Tests.Model;

public sealed class SessionRecordTests
{
    private static readonly DateTimeOffset T0 = Records.T0;
    private static readonly TimeSpan Tick = Records.Tick;
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(20);

    [Fact]
    public void A_session_is_there_until_one_tick_before_it_ends()
    {
        foreach (var record in new[] { Records.New(SessionExpiry.Idle(Idle)), Records.New(SessionExpiry.At(T0 + Idle)) })
        {
            Assert.Equal(T0 + Idle, record.ExpiresAt);
            Assert.False(record.IsExpiredAt(T0 + Idle - Tick));
            Assert.True(record.IsExpiredAt(T0 + Idle));
            Assert.True(record.IsExpiredAt(T0 + Idle + Tick));
        }
    }

    [Fact]
    public void The_earlier_of_both_limits_ends_a_session()
    {
        var idleFirst = Records.New(SessionExpiry.Idle(Idle) with { AbsoluteExpiresAt = T0 + Idle + Tick });
        var absoluteFirst = Records.New(SessionExpiry.Idle(Idle) with { AbsoluteExpiresAt = T0 + Idle - Tick });

        Assert.Equal(T0 + Idle, idleFirst.ExpiresAt);
        Assert.Equal(T0 + Idle - Tick, absoluteFirst.ExpiresAt);
    }

    [Fact]
    public void A_touch_moves_the_idle_expiry_and_nothing_else()
    {
        var record = Records.New(values: ("a", [1]));

        var result = record.Apply(SessionChanges.Touch, T0 + Idle / 2, out var next);

        Assert.Equal(SaveStatus.Saved, result.Status);
        Assert.Equal(record with { LastSeenAt = T0 + Idle / 2 }, next);
        Assert.Equal((1, T0 + Idle / 2), (result.Version, result.LastSeenAt));
    }

    [Fact]
    public void No_save_moves_the_time_last_seen_back()
    {
        var record = Records.New();

        record.Apply(SessionChanges.Touch, T0 - TimeSpan.FromMinutes(5), out var touched);
        record.Apply(Records.Sets("a", 1), T0 - TimeSpan.FromMinutes(5), out var saved);

        Assert.Equal(T0, touched.LastSeenAt);
        Assert.Equal(T0, saved.LastSeenAt);
    }

    [Fact]
    public void No_touch_moves_a_session_past_its_absolute_expiry()
    {
        var record = Records.New(SessionExpiry.Idle(Idle) with { AbsoluteExpiresAt = T0 + 2 * Idle });
        for (var now = T0; now < T0 + 2 * Idle; now += Idle / 2)
        {
            Assert.Equal(SaveStatus.Saved, record.Apply(SessionChanges.Touch, now, out record).Status);
        }

        Assert.Equal(T0 + 2 * Idle, record.ExpiresAt);
        Assert.Equal(SaveStatus.Saved, record.Apply(SessionChanges.Touch, T0 + 2 * Idle - Tick, out _).Status);
        Assert.Equal(SaveStatus.Gone, record.Apply(SessionChanges.Touch, T0 + 2 * Idle, out _).Status);
    }

    [Fact]
    public void Nothing_brings_an_expired_session_back()
    {
        var record = Records.New();
        SessionChanges[] all =
            [SessionChanges.Touch, Records.Sets("a", 1), new() { Expiry = SessionExpiry.Idle(2 * Idle) }, new() { ExpectedVersion = 9 }];

        Assert.All(
            all,
            changes =>
            {
                Assert.Equal(SaveResult.Gone, record.Apply(changes, T0 + Idle, out var next));
                Assert.Same(record, next);
            });
        Assert.Equal(SaveStatus.Gone, record.CanBecome(record with { Version = 2 }, T0 + Idle));
        Assert.Equal(SaveStatus.Saved, record.CanBecome(record with { Version = 2 }, T0 + Idle - Tick));
    }

    [Fact]
    public void A_save_changes_the_keys_it_names_and_counts_one_version()
    {
        var record = Records.New(values: [("a", [1]), ("b", [2]), ("c", [3])]);
        var changes = new SessionChanges
        {
            Sets = new Dictionary<string, ReadOnlyMemory<byte>> { ["b"] = new byte[] { 20 }, ["d"] = new byte[] { 4 } },
            Removes = new HashSet<string> { "c", "not there" },
        };

        record.Apply(changes, T0 + Tick, out var next);

        Assert.Equal(Records.Values(("a", [1]), ("b", [20]), ("d", [4])), next.Values);
        Assert.Equal((2, T0 + Tick, T0), (next.Version, next.LastSeenAt, next.CreatedAt));
    }

    [Fact]
    public void Clearing_leaves_what_is_set_with_it()
    {
        var record = Records.New(values: [("a", [1]), ("b", [2])]);

        record.Apply(new SessionChanges { Clears = true }, T0, out var empty);
        record.Apply(new SessionChanges { Clears = true, Sets = Records.Sets("b", 9).Sets }, T0, out var one);

        Assert.Equal(SessionValues.Empty, empty.Values);
        Assert.Equal(Records.Values(("b", [9])), one.Values);
    }

    [Fact]
    public void A_save_with_another_version_expected_is_a_conflict_and_changes_nothing()
    {
        var record = Records.New();
        var sets = Records.Sets("a", 1).Sets;

        Assert.Equal(SaveResult.Conflict, record.Apply(new SessionChanges { ExpectedVersion = 2, Sets = sets }, T0, out var same));
        Assert.Same(record, same);
        Assert.Equal(SaveStatus.Saved, record.Apply(new SessionChanges { ExpectedVersion = 1, Sets = sets }, T0, out _).Status);
    }

    [Fact]
    public void A_new_expiry_counts_from_the_save()
    {
        var record = Records.New(SessionExpiry.Idle(Idle) with { AbsoluteExpiresAt = T0 + Idle });

        var result = record.Apply(new SessionChanges { Expiry = SessionExpiry.In(2 * Idle) }, T0 + Idle - Tick, out var next);

        Assert.Equal(T0 + 3 * Idle - Tick, next.ExpiresAt);
        Assert.Equal(next.Expiry, result.Expiry);
        Assert.Equal(2, next.Version);
    }

    [Fact]
    public void A_save_over_the_limits_throws()
    {
        var record = Records.New(values: [("a", [1]), ("b", [2])]);
        var changes = new SessionChanges { Sets = Records.Sets("c", 3).Sets, Limits = new SessionLimits { MaxKeys = 2 } };

        Assert.Equal("MaxKeys", Assert.Throws<SessionLimitException>(() => record.Apply(changes, T0, out _)).Limit);
    }

    [Fact]
    public void A_save_that_changes_no_value_is_not_held_against_limits_that_have_become_lower()
    {
        var record = Records.New(values: [("a", [1]), ("b", [2])]);
        var limits = new SessionLimits { MaxKeys = 1 };

        Assert.Equal(SaveStatus.Saved, record.Apply(new SessionChanges { Limits = limits, Expiry = SessionExpiry.In(Idle) }, T0, out var next).Status);
        Assert.Same(record.Values, next.Values);
        Assert.Equal(SaveStatus.Saved, record.Apply(new SessionChanges { Limits = limits }, T0, out _).Status);
    }

    [Fact]
    public void A_store_takes_a_record_in_as_seen_now_and_not_created_later_than_now()
    {
        var ahead = T0 + TimeSpan.FromMinutes(5);

        var accepted = (Records.New(SessionExpiry.In(Idle)) with { CreatedAt = ahead, LastSeenAt = ahead }).AcceptedAt(T0);

        Assert.Equal((T0, T0, T0 + Idle), (accepted.CreatedAt, accepted.LastSeenAt, accepted.ExpiresAt));
        Assert.Null(accepted.Expiry.Lifetime);
        Assert.Equal(T0, Records.New().AcceptedAt(T0 + Idle).CreatedAt);
    }

    [Fact]
    public void A_session_becomes_only_what_was_built_from_its_version()
    {
        var record = Records.New() with { Version = 7 };

        Assert.Equal(SaveStatus.Saved, record.CanBecome(record with { Version = 8 }, T0));
        Assert.Equal(SaveStatus.Conflict, record.CanBecome(record with { Version = 7 }, T0));
        Assert.Equal(SaveStatus.Conflict, record.CanBecome(record with { Version = 9 }, T0));
    }

    [Fact]
    public void A_subject_is_1_to_256_bytes_of_valid_text_without_NUL()
    {
        string[] bad = ["", "a\0b", "\ud800", "a\udc00b", new string('a', 257), new string('é', 129)];
        string[] good = ["a", " ", new string('a', 256), new string('é', 128), "😀"];

        Assert.All(
            bad,
            subject => Assert.StartsWith(
                "A subject must", Assert.Throws<ArgumentException>(nameof(subject), () => Records.New(subject: subject)).Message, StringComparison.Ordinal));
        Assert.All(good, subject => Assert.Equal(subject, Records.New(subject: subject).Subject));
    }

    [Fact]
    public void Nothing_is_no_argument()
    {
        Assert.Throws<ArgumentNullException>("changes", () => Records.New().Apply(null!, T0, out _));
        Assert.Throws<ArgumentNullException>("renewed", () => Records.New().CanBecome(null!, T0));
        Assert.Throws<ArgumentNullException>("record", () => SaveResult.Saved(null!));
    }

    [Fact]
    public void Neither_subject_nor_values_show_in_the_string()
    {
        var record = Records.New(subject: "ann-the-subject", values: ("key", "secret-value"u8.ToArray()));

        Assert.Equal($"{record.Handle} v1", record.ToString());
        Assert.Equal("1 keys", record.Values.ToString());
    }
}
