using KvSessions;

namespace FileSessions;

/// <summary>
/// A step that takes more than one file, written down before it is done, so that after a crash it can be done to its end: a session to
/// put, or none, and sessions to end. Doing it twice is doing it once.
/// </summary>
internal sealed record Intent(SessionHandle? Put, byte[] Bytes, IReadOnlyList<SessionHandle> Ends)
{
    private const byte Format = 1;

    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Format);
        writer.Write(Ends.Count);
        foreach (var handle in Ends)
        {
            writer.Write(handle.ToByteArray());
        }

        if (Put is { } put)
        {
            writer.Write(put.ToByteArray());
            writer.Write(Bytes);
        }

        return bytes.ToArray();
    }

    /// <exception cref="SessionStoreException">The bytes are of another format or damaged (<see cref="SessionStoreError.Corrupt"/>).</exception>
    public static Intent Read(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            if (reader.ReadByte() is var format && format != Format)
            {
                throw new SessionStoreException(
                    SessionStoreError.Corrupt, $"An unfinished step is in format {format}; this version reads format {Format}.");
            }

            var ends = new List<SessionHandle>();
            for (var count = reader.ReadInt32(); count > 0; count--)
            {
                ends.Add(new SessionHandle(reader.ReadBytes(SessionHandle.ByteLength)));
            }

            SessionHandle? put = reader.ReadBytes(SessionHandle.ByteLength) is { Length: > 0 } handle ? new SessionHandle(handle) : null;
            return new Intent(put, bytes[(int)reader.BaseStream.Position..], ends);
        }
        catch (Exception fault) when (fault is EndOfStreamException or ArgumentException)
        {
            throw new SessionStoreException(SessionStoreError.Corrupt, "An unfinished step is damaged.", fault);
        }
    }
}
