namespace KvSessions.Core.Tests.Caching;

public sealed class CacheEnvelopeTests
{
    [Fact]
    public void A_record_comes_back_to_the_last_detail()
    {
        var expiries = new[]
        {
            SessionExpiry.Idle(TimeSpan.FromMinutes(20)),
            SessionExpiry.At(Records.T0.AddTicks(123)),
            SessionExpiry.At(Records.T0).Persistent() with { IdleTimeout = Records.Tick },
        };
        foreach (var record in expiries.SelectMany(static expiry => new[]
        {
            Records.New(expiry),
            Records.New(expiry, "ünï", ("a", [1, 2]), ("b", [])),
        }))
        {
            var bytes = CacheEnvelope.Of(record).ToBytes();

            var envelope = CacheEnvelope.Read(record.Handle, bytes);

            Assert.Equal(record, envelope!.Record);
            Assert.Equal(record.Version, envelope.Version);
        }
    }

    [Fact]
    public void A_mark_comes_back() =>
        Assert.Equal(CacheEnvelope.Ended, CacheEnvelope.Read(SessionId.New().Handle, CacheEnvelope.Ended.ToBytes()));

    [Fact]
    public void What_is_cut_off_or_of_another_format_is_nothing()
    {
        var record = Records.New(subject: "ada", values: ("a", [1]));
        var bytes = CacheEnvelope.Of(record).ToBytes();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Null(CacheEnvelope.Read(record.Handle, bytes.AsMemory(0, length)));
        }

        bytes[0] = 2;
        Assert.Null(CacheEnvelope.Read(record.Handle, bytes));
    }

    [Fact]
    public void The_newer_of_two_is_the_one_with_the_higher_version_or_the_later_sight()
    {
        var record = Records.New();
        var (first, touched, second) = (CacheEnvelope.Of(record), CacheEnvelope.Of(record with { LastSeenAt = Records.T0 + Records.Tick }), CacheEnvelope.Of(record with { Version = 2 }));
        CacheEnvelope[] ascending = [CacheEnvelope.AtLeast(1), first, touched, CacheEnvelope.AtLeast(2), second, CacheEnvelope.Ended];

        for (var i = 0; i < ascending.Length; i++)
        {
            for (var j = 0; j < ascending.Length; j++)
            {
                Assert.Equal(i > j, ascending[i].IsNewerThan(ascending[j]));
            }
        }
    }
}
