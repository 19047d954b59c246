using System.Buffers;
using KvSessions;

namespace FileSessions;

/// <summary>What is in the folder, and how it is named.</summary>
internal sealed class FolderLayout(string folder)
{
    private const string SessionExtension = ".session";
    private const string NoteExtension = ".intent";

    public string SessionPath(SessionHandle handle) => PathOf(handle, SessionExtension);

    /// <summary>The note of a step, by a session whose lock the step holds: nobody else has a note of that name meanwhile.</summary>
    public string NotePath(SessionHandle handle) => PathOf(handle, NoteExtension);

    /// <summary>The sessions that have a file. A name that is none of ours is nobody's.</summary>
    public IEnumerable<SessionHandle> Sessions() =>
        Directory.EnumerateFiles(folder, "*" + SessionExtension).Select(HandleOf).OfType<SessionHandle>();

    public string[] Notes() => Directory.GetFiles(folder, "*" + NoteExtension);

    /// <summary>What was being written when a process ended.</summary>
    public string[] Leftovers() => Directory.GetFiles(folder, "*" + Disk.AsideExtension);

    private string PathOf(SessionHandle handle, string extension) =>
        Path.Combine(folder, Convert.ToHexStringLower(handle.ToByteArray()) + extension);

    private SessionHandle? HandleOf(string path)
    {
        var bytes = new byte[SessionHandle.ByteLength];
        var name = Path.GetFileNameWithoutExtension(path);
        if (name.Length != 2 * bytes.Length || Convert.FromHexString(name, bytes, out _, out _) != OperationStatus.Done)
        {
            return null;
        }

        // There is more than one way to write hexadecimal digits, and only one name under which a session is looked for.
        var handle = new SessionHandle(bytes);
        return SessionPath(handle) == path ? handle : null;
    }
}
