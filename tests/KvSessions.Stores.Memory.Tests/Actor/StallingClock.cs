using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Stores.Memory.Tests;

/// <summary>A clock that holds up whoever asks it for the time, or fails: the one place at which a test can stop an actor in the middle of a call.</summary>
internal sealed class StallingClock : TimeProvider, IDisposable
{
    private readonly ManualResetEventSlim _goOn = new(initialState: true);
    private TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeTimeProvider Inner { get; } = new();

    public Exception? FailNext { get; set; }

    /// <summary>Ends when somebody is held up.</summary>
    public Task Stalled => _stalled.Task;

    public void Stall()
    {
        _stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _goOn.Reset();
    }

    public void GoOn() => _goOn.Set();

    public override DateTimeOffset GetUtcNow()
    {
        if (FailNext is { } fault)
        {
            FailNext = null;
            throw fault;
        }

        if (!_goOn.IsSet)
        {
            _stalled.TrySetResult();
            _goOn.Wait();
        }

        return Inner.GetUtcNow();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        Inner.CreateTimer(callback, state, dueTime, period);

    public void Dispose() => _goOn.Dispose();
}
