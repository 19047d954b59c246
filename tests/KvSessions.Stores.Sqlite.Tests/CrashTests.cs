using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using KvSessions.Tests.Crash;

namespace KvSessions.Stores.Sqlite.Tests;

/// <summary>
/// Processes that write to a file are killed with SIGKILL: at random moments, and every other time by themselves right after a random
/// acknowledgement. <c>KVSESSIONS_CRASH_CYCLES</c> says how often,
/// <c>KVSESSIONS_CRASH_SEED</c> with which seed the moments and the calls begin.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const int DefaultCycles = 10;
    private const int Clients = 8;

    // Every fifth time three processes share the file, and one of them is killed.
    private const int SharingEvery = 5;
    private const int Sharing = 3;

    // 128 and the number of the signal.
    private const int KilledExitCode = 137;

    private const int LastAnswer = 300;

    private static readonly TimeSpan LatestKill = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly StoreFile _file = new();
    private readonly List<AcknowledgedWrites> _checked = [];

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task What_was_acknowledged_is_there_after_kill_9_and_nothing_else()
    {
        var cycles = Number("KVSESSIONS_CRASH_CYCLES") ?? DefaultCycles;
        Assert.SkipWhen(OperatingSystem.IsWindows(), "SIGKILL is a signal of Unix.");
        var seed = Number("KVSESSIONS_CRASH_SEED") ?? RandomNumberGenerator.GetInt32(1_000_000_000);
        output.WriteLine($"Seed {seed}.");
        await SqliteStore.MigrateUpAsync(_file.Path);
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            var faults = await KillAndCheckAsync(cycle, new Random(seed + cycle));
            Assert.True(faults.Count == 0, $"Cycle {cycle} of seed {seed}: {faults.Count} wrong.\n{string.Join('\n', faults)}");
        }

        // What an earlier cycle has left behind has outlived every later one.
        await using var store = NewStore();
        foreach (var writes in _checked)
        {
            Assert.Empty(await writes.CheckAsync(store));
        }

        output.WriteLine(
            $"{cycles} kills, {(cycles + 1) / 2} of them right after an acknowledgement, {cycles / SharingEvery} of them with {Sharing} processes on the file: {Sum(static writes => writes.Acknowledged)} calls acknowledged, "
            + $"{Sum(static writes => writes.Refused)} refused, {Sum(static writes => writes.Unanswered)} in flight when killed "
            + $"({Sum(static writes => writes.KeptUnanswered)} sessions show that such a call was applied); none lost, none half applied, "
            + $"{Sum(static writes => writes.Live)} sessions left; integrity_check ok {cycles} times.");
    }

    private async Task<IReadOnlyList<string>> KillAndCheckAsync(int cycle, Random random)
    {
        var isShared = cycle % SharingEvery == SharingEvery - 1;
        var (processes, clients) = isShared ? (Sharing, Clients / 2) : (1, Clients);
        var lastAnswer = cycle % 2 == 0 ? random.Next(1, LastAnswer) : 0;
        var shared = await CreateSharedSessionAsync();
        var reports = Enumerable.Range(0, processes).Select(process => Path.Combine(_file.Directory, $"report-{cycle}-{process}")).ToList();
        var writers = reports
            .Select((report, process) => WriterProcess.Start(
                _file.Path, report, $"{cycle}-{process}", clients, random.Next(), shared, process == 0 ? lastAnswer : 0))
            .ToList();
        try
        {
            if (lastAnswer == 0)
            {
                await Task.WhenAll(writers.Zip(reports, static (writer, report) =>
                    WhileItWritesAsync(report, answers => answers > 0 || writer.HasExited)));
                await Task.Delay(LatestKill * random.NextDouble());
                writers[0].Kill();
            }

            await EndedAsync(writers[0], reports[0], KilledExitCode);

            // The others go on, whatever the one that is dead was in the middle of.
            foreach (var (writer, report) in writers.Zip(reports).Skip(1))
            {
                var before = Answers(report);
                await WhileItWritesAsync(report, answers => answers > before || writer.HasExited);
                writer.StandardInput.Close();
                await EndedAsync(writer, report, exitCode: 0);
            }
        }
        finally
        {
            foreach (var writer in writers)
            {
                writer.Kill();
                writer.Dispose();
            }
        }

        return await CheckAsync(shared, reports);
    }

    private async Task<IReadOnlyList<string>> CheckAsync(SessionHandle shared, List<string> reports)
    {
        var writes = new AcknowledgedWrites(shared);
        foreach (var report in reports)
        {
            writes.Add(await File.ReadAllTextAsync(report));
            File.Delete(report);
        }

        await using var store = NewStore();
        var faults = new List<string>(await writes.CheckAsync(store));
        _checked.Add(writes);
        await using var connection = _file.Open();
        faults.AddRange((await connection.QueryAsync<string>("PRAGMA integrity_check")).Where(static line => line != "ok"));
        await CountAsync("kv_sessions", "SELECT count(*) FROM kv_sessions", Sum(static checkedWrites => checkedWrites.Live));
        await CountAsync(
            "values without a session", "SELECT count(*) FROM kv_session_values WHERE id NOT IN (SELECT values_id FROM kv_sessions)", 0);
        await CountAsync(
            "sessions without values", "SELECT count(*) FROM kv_sessions WHERE values_id NOT IN (SELECT id FROM kv_session_values)", 0);
        return faults;

        async Task CountAsync(string what, string sql, int expected)
        {
            var count = await connection.ExecuteScalarAsync<int>(sql);
            if (count != expected)
            {
                faults.Add($"{count} {what}, expected {expected}.");
            }
        }
    }

    private async Task<SessionHandle> CreateSharedSessionAsync()
    {
        await using var store = NewStore();
        var record = _file.NewRecord() with { Values = SessionValues.Empty, Expiry = SessionExpiry.Idle(TimeSpan.FromHours(12)) };
        Assert.True(await store.CreateAsync(record));
        return record.Handle;
    }

    // By the system's clock, as the processes.
    private SqliteStore NewStore() => new(new SqliteStoreOptions { DataSource = _file.Path });

    private int Sum(Func<AcknowledgedWrites, int> count) => _checked.Sum(count);

    /// <summary>Waits as long as the process goes on: a machine that does other things besides may take its time for each write.</summary>
    private static async Task WhileItWritesAsync(string report, Func<int, bool> isOver)
    {
        var known = 0;
        for (var idle = Stopwatch.StartNew(); ; await Task.Delay(Pause))
        {
            var answers = Answers(report);
            if (isOver(answers))
            {
                return;
            }

            if (answers > known)
            {
                known = answers;
                idle.Restart();
            }

            Assert.True(idle.Elapsed < Deadline, $"{Path.GetFileName(report)}: no answer in {Deadline} after the first {known}.");
        }
    }

    private static async Task EndedAsync(Process writer, string report, int exitCode)
    {
        await WhileItWritesAsync(report, _ => writer.HasExited);
        Assert.True(writer.ExitCode == exitCode, $"{Path.GetFileName(report)} ended with {writer.ExitCode}. {await writer.StandardError.ReadToEndAsync()}");
    }

    private static int Answers(string report)
    {
        if (!File.Exists(report))
        {
            return 0;
        }

        using var file = new FileStream(report, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Split('\n').Count(static line => line.StartsWith(WriteReport.AnswerMark));
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
