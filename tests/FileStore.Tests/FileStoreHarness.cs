using KvSessions;
using KvSessions.Stores.Conformance;

namespace FileSessions.Tests;

internal sealed class FileStoreHarness : LocalClockHarness
{
    private readonly string _parent = Directory.CreateTempSubdirectory("kvsessions-").FullName;
    private FileStore _store;

    public FileStoreHarness() => _store = new FileStore(Folder, Clock);

    public override ISessionStore Store => _store;

    private string Folder => Path.Combine(_parent, "sessions");

    public override async ValueTask ReopenAsync()
    {
        await _store.DisposeAsync();
        _store = new FileStore(Folder, Clock);
    }

    // As when the disk is gone.
    public override ValueTask BreakAsync()
    {
        Directory.Move(Folder, Folder + "-away");
        return ValueTask.CompletedTask;
    }

    public override ValueTask MendAsync()
    {
        Directory.Move(Folder + "-away", Folder);
        return ValueTask.CompletedTask;
    }

    public override ValueTask DamageAsync(SessionHandle handle) => SetFormatAsync(handle, 255);

    public override ValueTask RepairAsync(SessionHandle handle) => SetFormatAsync(handle, 1);

    public override async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_parent, recursive: true);
        await base.DisposeAsync();
    }

    // That of the values, which come last.
    private async ValueTask SetFormatAsync(SessionHandle handle, byte format)
    {
        var path = Path.Combine(Folder, $"{Convert.ToHexStringLower(handle.ToByteArray())}.session");
        var bytes = await File.ReadAllBytesAsync(path);
        using var reader = new BinaryReader(new MemoryStream(bytes));
        reader.BaseStream.Position = 1 + (5 * sizeof(long)) + 1;
        reader.ReadString();
        bytes[reader.BaseStream.Position] = format;
        await File.WriteAllBytesAsync(path, bytes);
    }
}
