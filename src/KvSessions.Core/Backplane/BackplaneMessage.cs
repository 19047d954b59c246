using System.Buffers.Binary;

namespace KvSessions;

/// <summary>
/// A message as it travels: format, kind, node, sequence number, the sender's uptime, all little-endian, and for
/// <see cref="BackplaneMessageKind.Outdated"/> handles and versions.
/// </summary>
internal readonly ref struct BackplaneMessage
{
    /// <summary>How many announcements fit into one message.</summary>
    public const int MaxAnnouncements = (ISessionBackplane.MaxMessageLength - HeaderLength) / AnnouncementLength;

    private const byte Format = 1;
    private const byte LeavingFlag = 0x80;
    private const byte DoubtFlag = 0x40;
    private const int NodeOffset = 2;
    private const int SequenceOffset = NodeOffset + sizeof(ulong);
    private const int SentOffset = SequenceOffset + sizeof(long);
    private const int HeaderLength = SentOffset + sizeof(long);
    private const int AnnouncementLength = SessionHandle.ByteLength + sizeof(long);

    private readonly ReadOnlySpan<byte> _bytes;

    private BackplaneMessage(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public BackplaneMessageKind Kind => (BackplaneMessageKind)(_bytes[1] & ~(LeavingFlag | DoubtFlag));

    /// <summary>Whether the node stops, and will send no more of its own accord.</summary>
    public bool IsLeaving => (_bytes[1] & LeavingFlag) != 0;

    /// <summary>Whether writes of the node that stops may yet be applied, of which nobody will hear.</summary>
    public bool IsInDoubt => (_bytes[1] & DoubtFlag) != 0;

    /// <summary>Random bytes that the node made when it started.</summary>
    public ulong Node => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[NodeOffset..]);

    /// <summary>Which message of its node it is; the first one is 1.</summary>
    public long Sequence => BinaryPrimitives.ReadInt64LittleEndian(_bytes[SequenceOffset..]);

    /// <summary>The uptime of the node when it sent the message. It means nothing to others.</summary>
    public TimeSpan Sent => new(BinaryPrimitives.ReadInt64LittleEndian(_bytes[SentOffset..]));

    public int AnnouncementCount => (_bytes.Length - HeaderLength) / AnnouncementLength;

    public Announcement this[int index]
    {
        get
        {
            var bytes = _bytes.Slice(HeaderLength + (index * AnnouncementLength), AnnouncementLength);
            return new(new(bytes[..SessionHandle.ByteLength]), BinaryPrimitives.ReadInt64LittleEndian(bytes[SessionHandle.ByteLength..]));
        }
    }

    /// <returns><see langword="false"/> for what is no message of this format.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out BackplaneMessage message)
    {
        message = new(bytes);
        if (bytes.Length < HeaderLength || bytes[0] != Format || message.Sequence < 1)
        {
            return false;
        }

        return message.Kind switch
        {
            BackplaneMessageKind.Outdated => bytes.Length > HeaderLength && (bytes.Length - HeaderLength) % AnnouncementLength == 0,
            BackplaneMessageKind.Heartbeat or BackplaneMessageKind.Flush => bytes.Length == HeaderLength,
            _ => false,
        };
    }

    public static byte[] Write(
        BackplaneMessageKind kind,
        bool isLeaving,
        bool isInDoubt,
        ulong node,
        long sequence,
        TimeSpan sent,
        IReadOnlyList<Announcement> announcements)
    {
        var bytes = new byte[HeaderLength + (announcements.Count * AnnouncementLength)];
        bytes[0] = Format;
        bytes[1] = (byte)((byte)kind | (isLeaving ? LeavingFlag : 0) | (isInDoubt ? DoubtFlag : 0));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(NodeOffset), node);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(SequenceOffset), sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(SentOffset), sent.Ticks);
        var rest = bytes.AsSpan(HeaderLength);
        foreach (var (handle, version) in announcements)
        {
            handle.CopyTo(rest);
            BinaryPrimitives.WriteInt64LittleEndian(rest[SessionHandle.ByteLength..], version);
            rest = rest[AnnouncementLength..];
        }

        return bytes;
    }
}
