using System.IO.Pipelines;

namespace KvSessions.AspNetCore;

/// <summary>
/// The pipe of a response that has started, and whose session had something to save: the server's own, so that nothing is copied. What
/// the session got since then is saved before the next flush.
/// </summary>
internal sealed class StartedPipeWriter(PipeWriter inner, RequestSession request) : PipeWriter
{
    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var commit = request.CommitAsync();
        return commit.IsCompletedSuccessfully ? inner.FlushAsync(cancellationToken) : CommitThenFlushAsync(commit, cancellationToken);
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (exception is null)
        {
            await request.CommitAsync().ConfigureAwait(false);
        }

        await inner.CompleteAsync(exception).ConfigureAwait(false);
    }

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private async ValueTask<FlushResult> CommitThenFlushAsync(Task commit, CancellationToken cancellationToken)
    {
        await commit.ConfigureAwait(false);
        return await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
