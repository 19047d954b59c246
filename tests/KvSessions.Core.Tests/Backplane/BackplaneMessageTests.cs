namespace KvSessions.Core.Tests.Backplane;

public sealed class BackplaneMessageTests
{
    private static readonly Announcement[] Announcements =
        [new(SessionId.New().Handle, 1), new(SessionId.New().Handle, long.MaxValue)];

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void What_is_written_is_read(bool isLeaving, bool isInDoubt)
    {
        var bytes = BackplaneMessage.Write(BackplaneMessageKind.Outdated, isLeaving, isInDoubt, ulong.MaxValue - 1, 77, TimeSpan.FromHours(5), Announcements);

        Assert.True(BackplaneMessage.TryRead(bytes, out var message));
        Assert.Equal(BackplaneMessageKind.Outdated, message.Kind);
        Assert.Equal((isLeaving, isInDoubt), (message.IsLeaving, message.IsInDoubt));
        Assert.Equal((ulong.MaxValue - 1, 77, TimeSpan.FromHours(5)), (message.Node, message.Sequence, message.Sent));
        Assert.Equal((Announcements[0], Announcements[1]), (message[0], message[1]));
        Assert.Equal(2, message.AnnouncementCount);
    }

    [Fact]
    public void The_longest_message_is_within_the_limit()
    {
        var announcements = Enumerable.Repeat(Announcements[0], BackplaneMessage.MaxAnnouncements).ToList();

        var bytes = BackplaneMessage.Write(BackplaneMessageKind.Outdated, false, false, 1, 1, TimeSpan.Zero, announcements);

        Assert.InRange(bytes.Length, ISessionBackplane.MaxMessageLength - 39, ISessionBackplane.MaxMessageLength);
    }

    [Fact]
    public void Nothing_that_is_no_message_is_read_as_one()
    {
        var outdated = BackplaneMessage.Write(BackplaneMessageKind.Outdated, false, false, 1, 1, TimeSpan.Zero, Announcements);
        var heartbeat = BackplaneMessage.Write(BackplaneMessageKind.Heartbeat, false, false, 1, 1, TimeSpan.Zero, []);
        Assert.True(BackplaneMessage.TryRead(outdated, out _));
        Assert.True(BackplaneMessage.TryRead(heartbeat, out _));

        for (var length = 0; length < outdated.Length; length++)
        {
            var isWhole = (length - heartbeat.Length) % 40 == 0 && length > heartbeat.Length;
            Assert.Equal(isWhole, BackplaneMessage.TryRead(outdated.AsSpan(0, length), out _));
        }

        Assert.False(BackplaneMessage.TryRead([.. heartbeat, 0], out _));
        Assert.False(BackplaneMessage.TryRead([2, .. heartbeat[1..]], out _));
        Assert.False(BackplaneMessage.TryRead([1, 4, .. heartbeat[2..]], out _));
        Assert.False(BackplaneMessage.TryRead(BackplaneMessage.Write(BackplaneMessageKind.Heartbeat, false, false, 1, 0, TimeSpan.Zero, []), out _));
    }
}
