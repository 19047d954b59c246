using System.Text;
using KvSessions.Stores.Memory;
using KvSessions.Tests.Crash;

namespace KvSessions.Core.Tests.Crash;

/// <summary>What the crash tests of the stores rely on: that a store which has lost something, or has too much, is told apart from one that has not.</summary>
public sealed class AcknowledgedWritesTests : IDisposable
{
    private readonly MemoryStore _store = new();
    private readonly MemoryStream _text = new();
    private readonly WriteReport _report;
    private readonly SessionRecord _session = NewRecord();
    private readonly SessionHandle _renewed = SessionId.New().Handle;

    public AcknowledgedWritesTests() => _report = new WriteReport(_text);

    public void Dispose() => _text.Dispose();

    [Fact]
    public async Task Random_writers_on_a_store_that_keeps_everything_leave_nothing_to_complain_of()
    {
        var shared = NewRecord();
        await _store.CreateAsync(shared);
        var seed = Random.Shared.Next();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async client =>
        {
            var writer = new RandomWriter(_store, _report, $"{client}", seed + client, shared.Handle);
            for (var call = 0; call < 200; call++)
            {
                await writer.WriteAsync();
            }
        }));

        var (writes, faults) = await CheckAsync(shared.Handle);

        Assert.True(faults.Count == 0, $"With the seed {seed}:\n{string.Join('\n', faults)}");
        Assert.Equal((800, 0, 0), (writes.Acknowledged, writes.Unanswered, writes.Refused));
    }

    [Fact]
    public async Task A_lost_save_is_named_with_what_was_expected_and_what_was_found()
    {
        await CreateAsync();
        Report(Save(2, "theme"), Applied(2, version: 2));

        var fault = Assert.Single((await CheckAsync()).Faults);

        Assert.Contains($"expected {_session.Handle} v2", fault, StringComparison.Ordinal);
        Assert.Contains($"(after #2 Save {_session.Handle} set theme=2:12)", fault, StringComparison.Ordinal);
        Assert.Contains($"found {_session.Handle} v1", fault, StringComparison.Ordinal);
        Assert.Contains("#1 Create", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_creation_and_a_deletion_that_comes_back_are_found()
    {
        Report(new WriteCall(1, "a", WriteVerb.Create, _session.Handle), Applied(1));
        Assert.Contains("found no session", Assert.Single((await CheckAsync()).Faults), StringComparison.Ordinal);

        await _store.CreateAsync(_session);
        Report(new WriteCall(2, "a", WriteVerb.Delete, _session.Handle), Applied(2));
        Assert.Contains("expected no session", Assert.Single((await CheckAsync()).Faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false, true, true)]
    [InlineData(false, true, true, false)]
    [InlineData(true, true, false, false)]
    [InlineData(false, false, false, false)]
    public async Task A_renewal_without_an_answer_is_there_wholly_or_not_at_all(bool isOldThere, bool isNewThere, bool isRight, bool isOldRight)
    {
        await CreateAsync();
        Report(new WriteCall(2, "a", WriteVerb.Renew, _session.Handle) { Renewed = _renewed, ExpectedVersion = 1 }, null);
        if (!isOldThere)
        {
            await _store.DeleteAsync(_session.Handle);
        }

        if (isNewThere)
        {
            await _store.CreateAsync(_session with { Handle = _renewed, Version = 2 });
        }

        var (writes, faults) = await CheckAsync();

        Assert.Equal(isRight, faults.Count == 0);
        Assert.Equal(isRight && !isOldRight ? 1 : 0, writes.KeptUnanswered);
    }

    [Fact]
    public async Task A_touch_that_was_lost_and_a_change_that_nobody_made_are_found()
    {
        await CreateAsync();
        Report(
            new WriteCall(2, "a", WriteVerb.Touch, _session.Handle),
            new WriteAnswer(2, WriteOutcome.Applied) { Version = 1, LastSeenAt = DateTimeOffset.MaxValue });
        Assert.Single((await CheckAsync()).Faults);

        _text.SetLength(0);
        Report(new WriteCall(1, "a", WriteVerb.Create, _session.Handle), Applied(1));
        await _store.SaveAsync(_session.Handle, new SessionChanges { Sets = SizedValue.ToValues(new Dictionary<string, string> { ["x"] = "9:12" }) });
        Assert.Contains("v2 of nobody", Assert.Single((await CheckAsync()).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_was_refused_must_have_changed_nothing_and_one_of_unknown_outcome_may_have()
    {
        await CreateAsync();
        var save = Save(2, "theme");
        await _store.SaveAsync(_session.Handle, new SessionChanges { Sets = SizedValue.ToValues(save.Sets!) });
        Report(save, new WriteAnswer(2, WriteOutcome.Unknown));
        var (unknown, none) = await CheckAsync();
        Assert.Empty(none);
        Assert.Equal((1, 1), (unknown.Unanswered, unknown.KeptUnanswered));

        _text.SetLength(0);
        Report(new WriteCall(1, "a", WriteVerb.Create, _session.Handle), Applied(1));
        Report(save, new WriteAnswer(2, WriteOutcome.Refused));
        Assert.Single((await CheckAsync()).Faults);
    }

    [Fact]
    public async Task A_wrong_answer_is_a_fault_whatever_is_stored()
    {
        await CreateAsync();
        Report(Save(2, "theme"), new WriteAnswer(2, WriteOutcome.Gone));

        Assert.Contains("was answered Gone, which is wrong", Assert.Single((await CheckAsync()).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_the_shared_session_each_key_and_the_version_count()
    {
        await _store.CreateAsync(_session);
        Report(Save(1, "a"), Applied(1, version: 2));
        Report(Save(2, "b"), null);

        var fault = Assert.Single((await CheckAsync(_session.Handle)).Faults);

        Assert.Contains("a is missing, expected 1:12", fault, StringComparison.Ordinal);
        Assert.Contains("the version is 1, expected 2 to 3", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_line_at_the_end_counts_for_nothing()
    {
        await CreateAsync();
        _text.Write("< {\"Number\":1,\"Outc"u8);

        Assert.Empty((await CheckAsync()).Faults);
    }

    private async Task CreateAsync()
    {
        await _store.CreateAsync(_session);
        Report(new WriteCall(1, "a", WriteVerb.Create, _session.Handle), Applied(1));
    }

    private void Report(WriteCall call, WriteAnswer? answer)
    {
        _report.Add(call);
        if (answer is not null)
        {
            _report.Add(answer);
        }
    }

    private async Task<(AcknowledgedWrites Writes, IReadOnlyList<string> Faults)> CheckAsync(SessionHandle? shared = null)
    {
        var writes = new AcknowledgedWrites(shared);
        writes.Add(Encoding.UTF8.GetString(_text.ToArray()));
        return (writes, await writes.CheckAsync(_store));
    }

    private WriteCall Save(long number, string key) =>
        new(number, "a", WriteVerb.Save, _session.Handle) { Sets = new Dictionary<string, string> { [key] = SizedValue.Name(number, 12) } };

    private static WriteAnswer Applied(long number, long? version = null) => new(number, WriteOutcome.Applied) { Version = version };

    private static SessionRecord NewRecord() =>
        new()
        {
            Handle = SessionId.New().Handle,
            Version = 1,
            CreatedAt = TimeProvider.System.GetUtcNow(),
            LastSeenAt = TimeProvider.System.GetUtcNow(),
            Expiry = SessionExpiry.Idle(TimeSpan.FromHours(1)),
        };
}
