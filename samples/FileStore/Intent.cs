using KvSessions;

namespace FileSessions;

/// <summary>
/// A whole step: the record to put, if there is one, and the sessions to end. As a file it is a format byte, the sessions to end, and the
/// handle and the file of the record.
/// </summary>
internal sealed record Intent(SessionRecord? Put, IReadOnlyList<SessionHandle> Ends)
{
    private const byte Format = 1;

    /// <summary>Whether the step changes one file at most, and so needs no note to be atomic.</summary>
    public bool IsOneFile => Ends.Count + (Put is null ? 0 : 1) <= 1;

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

        if (Put is not null)
        {
            writer.Write(Put.Handle.ToByteArray());
            writer.Write(SessionFile.ToBytes(Put));
        }

        return bytes.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="SessionStoreException">It is damaged, or in a newer format: nobody knows what is still to do.</exception>
    public static Intent FromBytes(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            if (reader.ReadByte() != Format)
            {
                throw new FormatException($"The format is {bytes[0]}; this version reads {Format}.");
            }

            var ends = new List<SessionHandle>();
            for (var count = reader.ReadInt32(); count > 0; count--)
            {
                ends.Add(ReadHandle(reader));
            }

            return new Intent(reader.BaseStream.Position < bytes.Length ? ReadPut(reader, bytes) : null, ends);
        }
        catch (Exception fault) when (fault is IOException or FormatException or ArgumentException)
        {
            throw new SessionStoreException(SessionStoreError.Corrupt, "The note of an unfinished step cannot be read.", fault);
        }
    }

    private static SessionRecord ReadPut(BinaryReader reader, byte[] bytes) =>
        SessionFile.Read(ReadHandle(reader), bytes[(int)reader.BaseStream.Position..]);

    // Too few bytes make no handle.
    private static SessionHandle ReadHandle(BinaryReader reader) => new(reader.ReadBytes(SessionHandle.ByteLength));
}
