namespace KvSessions.Bench;

/// <summary>What every session holds: nine keys, 700 bytes with the quotes that JSON puts around a text.</summary>
internal static class Payload
{
    public static readonly IReadOnlyList<string> Names = [.. Enumerable.Range(0, 9).Select(static i => $"key{i}")];

    public static readonly string Value = new('v', 72);

    /// <summary>The same as one blob, for whoever calls the driver.</summary>
    public static byte[] NewBlob()
    {
        var blob = new byte[700];
        Array.Fill(blob, (byte)'v');
        return blob;
    }
}
