using System.Text;
using KvSessions;
using Microsoft.Extensions.Time.Testing;

namespace FileSessions.Tests;

/// <summary>What is on the disk, and what becomes of it when something goes wrong there.</summary>
public sealed class FileTests : IAsyncDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("kvsessions-").FullName;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2031, 5, 4, 3, 2, 1, TimeSpan.Zero));
    private FileStore _store;

    public FileTests() => _store = new FileStore(Folder, _clock);

    private string Folder => Path.Combine(_parent, "sessions");

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_parent, recursive: true);
    }

    [Fact]
    public async Task One_process_at_a_time_owns_the_folder()
    {
        var session = await CreateAsync();
        await using var second = new FileStore(Folder, _clock);

        var fault = await Assert.ThrowsAsync<SessionStoreException>(async () => await second.LoadAsync(session.Handle));
        Assert.Equal(SessionStoreError.Unavailable, fault.Error);

        await _store.DisposeAsync();
        Assert.NotNull(await second.LoadAsync(session.Handle));
    }

    [Fact]
    public async Task Nobody_else_can_read_the_files()
    {
        await CreateAsync();

        // Windows has no such modes: there the folder's access list decides.
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
            foreach (var file in Directory.GetFiles(Folder))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }

    [Fact]
    public async Task A_file_in_another_format_is_an_error_and_left_as_it_is()
    {
        var session = await CreateAsync("ada");
        var bytes = await File.ReadAllBytesAsync(FileOf(session.Handle));
        bytes[0] = 2;
        await File.WriteAllBytesAsync(FileOf(session.Handle), bytes);
        await ReopenAsync();

        await AssertCorruptAsync(async () => await _store.LoadAsync(session.Handle));
        await AssertCorruptAsync(async () => await _store.SaveAsync(session.Handle, new() { Clears = true }));
        await AssertCorruptAsync(async () => await _store.SaveAsync(session.Handle, SessionChanges.Touch));
        await AssertCorruptAsync(async () => await _store.RenewAsync(session.Handle, NewRecord() with { Version = 2 }));
        await AssertCorruptAsync(async () => await _store.DeleteAsync(session.Handle));
        Assert.False(await _store.CreateAsync(NewRecord() with { Handle = session.Handle }));
        Assert.Equal(0, await _store.DeleteExpiredAsync(10));

        Assert.Equal(bytes, await File.ReadAllBytesAsync(FileOf(session.Handle)));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_may_be_anybodys_so_nobody_is_told_that_all_their_sessions_have_ended()
    {
        var session = await CreateAsync("ada");
        await File.WriteAllBytesAsync(FileOf(session.Handle), [2]);
        await ReopenAsync();

        await AssertCorruptAsync(async () => await _store.FindBySubjectAsync("ada", 10));
        await AssertCorruptAsync(async () => await _store.DeleteBySubjectAsync("ada"));
        await AssertCorruptAsync(async () => await _store.AdmitAsync(null, NewRecord("ada"), new(1, SubjectLimitRule.RefuseNewest)));
    }

    [Fact]
    public async Task A_file_that_somebody_repairs_is_a_session_again_without_a_restart()
    {
        var session = await CreateAsync("ada");
        var bytes = await File.ReadAllBytesAsync(FileOf(session.Handle));
        await File.WriteAllBytesAsync(FileOf(session.Handle), [2]);
        await ReopenAsync();
        await AssertCorruptAsync(async () => await _store.FindBySubjectAsync("ada", 10));

        await File.WriteAllBytesAsync(FileOf(session.Handle), bytes);
        Assert.Equal(session, Assert.Single((await _store.FindBySubjectAsync("ada", 10)).Records));
    }

    [Fact]
    public async Task A_file_that_somebody_has_removed_is_an_absent_session()
    {
        var (kept, removed) = (await CreateAsync("ada"), await CreateAsync("ada"));
        File.Delete(FileOf(removed.Handle));

        Assert.Equal(kept, Assert.Single((await _store.FindBySubjectAsync("ada", 10)).Records));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await _store.DeleteExpiredAsync(10));
    }

    // Three letters, and as many as there may be.
    [Theory]
    [InlineData("ada")]
    [InlineData("ada, whose name is the longest that there may be, for the length of a text can make a difference to what reads it: there are those who read short ones at once and long ones piece by piece, and do not look at what is left over at the end of the last piece")]
    public async Task A_subject_that_is_no_text_is_an_error_and_not_somebody_else(string subject)
    {
        var session = await CreateAsync(subject);
        var bytes = await File.ReadAllBytesAsync(FileOf(session.Handle));
        bytes[bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(subject)) + subject.Length - 1] = 0xC3;
        await File.WriteAllBytesAsync(FileOf(session.Handle), bytes);

        await AssertCorruptAsync(async () => await _store.LoadAsync(session.Handle));
    }

    [Fact]
    public async Task A_file_that_was_cut_off_anywhere_is_an_error()
    {
        var session = await CreateAsync("ada");
        var bytes = await File.ReadAllBytesAsync(FileOf(session.Handle));
        for (var length = 0; length < bytes.Length; length++)
        {
            await File.WriteAllBytesAsync(FileOf(session.Handle), bytes[..length]);

            await AssertCorruptAsync(async () => await _store.LoadAsync(session.Handle));
        }
    }

    [Fact]
    public async Task A_step_that_a_crash_left_unfinished_is_finished_before_anything_else()
    {
        var (old, evicted) = (await CreateAsync("ada"), await CreateAsync("ada"));
        var renewed = (NewRecord("ada") with { Version = 2 }).AcceptedAt(_clock.GetUtcNow());
        await _store.CreateAsync(renewed);
        await _store.DisposeAsync();
        var ends = new[] { old, evicted }.SelectMany(static session => session.Handle.ToByteArray());
        var put = await File.ReadAllBytesAsync(FileOf(renewed.Handle));
        await File.WriteAllBytesAsync(FileOf(renewed.Handle, "intent"), [1, 2, 0, 0, 0, .. ends, .. renewed.Handle.ToByteArray(), .. put]);
        File.Delete(FileOf(renewed.Handle));
        await ReopenAsync();

        Assert.Null(await _store.LoadAsync(old.Handle));
        Assert.Equal(renewed, await _store.LoadAsync(renewed.Handle));
        Assert.Equal(renewed, Assert.Single((await _store.FindBySubjectAsync("ada", 10)).Records));
        Assert.Empty(Directory.GetFiles(Folder, "*.intent"));
    }

    [Fact]
    public async Task A_step_of_which_nobody_can_read_what_is_left_to_do_stops_the_store_and_stays()
    {
        var session = await CreateAsync();
        await File.WriteAllBytesAsync(FileOf(session.Handle, "intent"), [2]);
        await ReopenAsync();
        await AssertCorruptAsync(async () => await _store.LoadAsync(session.Handle));

        File.Delete(FileOf(session.Handle, "intent"));
        Assert.NotNull(await _store.LoadAsync(session.Handle));
    }

    [Fact]
    public async Task A_step_that_a_crash_prevented_has_not_been()
    {
        var session = await CreateAsync("ada");
        await File.WriteAllBytesAsync(FileOf(session.Handle) + ".tmp", Encoding.UTF8.GetBytes("half of it"));
        await ReopenAsync();

        Assert.Equal(session, await _store.LoadAsync(session.Handle));
        Assert.Empty(Directory.GetFiles(Folder, "*.tmp"));
    }

    [Fact]
    public async Task A_write_that_fails_half_way_is_of_unknown_outcome_and_is_done_to_its_end_before_the_next_call()
    {
        var last = new[] { await CreateAsync("ada"), await CreateAsync("ada") }.Max(session => session.Handle);

        // A folder in the place of the last file that goes: the step is written down, and then cannot be done.
        File.Move(FileOf(last), FileOf(last, "away"));
        Directory.CreateDirectory(FileOf(last));
        var fault = await Assert.ThrowsAsync<SessionStoreException>(async () => await _store.DeleteBySubjectAsync("ada"));
        Assert.Equal(SessionStoreError.UnknownOutcome, fault.Error);
        var next = await Assert.ThrowsAsync<SessionStoreException>(async () => await _store.LoadAsync(last));
        Assert.Equal(SessionStoreError.Unavailable, next.Error);

        Directory.Delete(FileOf(last));
        File.Move(FileOf(last, "away"), FileOf(last));
        Assert.Empty((await _store.FindBySubjectAsync("ada", 10)).Records);
        Assert.Empty(Directory.GetFiles(Folder, "*.session"));
    }

    [Fact]
    public async Task A_write_for_which_there_is_no_room_has_changed_nothing()
    {
        var old = await CreateAsync();
        var renewed = NewRecord() with { Version = 2 };

        // A folder in the place of the temporary file.
        Directory.CreateDirectory(FileOf(renewed.Handle) + ".tmp");
        var fault = await Assert.ThrowsAsync<SessionStoreException>(async () => await _store.RenewAsync(old.Handle, renewed));
        Assert.Equal(SessionStoreError.Unavailable, fault.Error);

        Assert.Equal(old, await _store.LoadAsync(old.Handle));
        Assert.Null(await _store.LoadAsync(renewed.Handle));
    }

    [Fact]
    public async Task An_empty_folder_in_the_place_of_the_real_one_never_looks_like_no_session()
    {
        var session = await CreateAsync();
        Directory.Move(Folder, Folder + "-away");
        Directory.CreateDirectory(Folder);

        foreach (var call in new Func<Task>[]
        {
            async () => await _store.LoadAsync(session.Handle),
            async () => await _store.DeleteAsync(session.Handle),
            async () => await _store.CreateAsync(NewRecord()),
            async () => await _store.FindBySubjectAsync("ada", 10),
            async () => await _store.DeleteExpiredAsync(10),
        })
        {
            var fault = await Assert.ThrowsAsync<SessionStoreException>(call);
            Assert.Equal(SessionStoreError.Unavailable, fault.Error);
        }
    }

    [Fact]
    public async Task A_folder_that_another_process_has_made_in_the_place_of_this_one_is_not_taken_for_it()
    {
        var session = await CreateAsync();
        Directory.Move(Folder, Folder + "-away");
        await using var second = new FileStore(Folder, _clock);
        Assert.Null(await second.LoadAsync(session.Handle));

        var fault = await Assert.ThrowsAsync<SessionStoreException>(async () => await _store.LoadAsync(session.Handle));
        Assert.Equal(SessionStoreError.Unavailable, fault.Error);
    }

    [Fact]
    public async Task After_its_disposal_the_store_says_so()
    {
        await _store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _store.LoadAsync(NewRecord().Handle));
    }

    private static async Task AssertCorruptAsync(Func<Task> call) =>
        Assert.Equal(SessionStoreError.Corrupt, (await Assert.ThrowsAsync<SessionStoreException>(call)).Error);

    private string FileOf(SessionHandle handle, string extension = "session") =>
        Path.Combine(Folder, $"{Convert.ToHexStringLower(handle.ToByteArray())}.{extension}");

    private SessionRecord NewRecord(string? subject = null) =>
        new()
        {
            Handle = SessionId.New().Handle,
            Version = 1,
            CreatedAt = _clock.GetUtcNow(),
            LastSeenAt = _clock.GetUtcNow(),
            Expiry = SessionExpiry.Idle(TimeSpan.FromMinutes(20)),
            Subject = subject,
            Values = SessionValues.From([new("cart", Encoding.UTF8.GetBytes("apples"))]),
        };

    private async Task<SessionRecord> CreateAsync(string? subject = null)
    {
        var record = NewRecord(subject);
        Assert.True(await _store.CreateAsync(record));
        return (await _store.LoadAsync(record.Handle))!;
    }

    private async Task ReopenAsync()
    {
        await _store.DisposeAsync();
        _store = new FileStore(Folder, _clock);
    }
}
