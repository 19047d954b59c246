using System.IO.Pipelines;

namespace KvSessions.AspNetCore;

/// <summary>
/// The pipe of a response whose session has something to save: keeps what is written until it is flushed. Like the server's own, and
/// other than the one of <see cref="PipeWriter.Create(Stream, StreamPipeWriterOptions?)"/>, a flush of nothing sends the headers.
/// </summary>
internal sealed class CommittingPipeWriter(CommittingResponseBody body) : PipeWriter
{
    private readonly PipeWriter _buffer = Create(body.Inner.Stream, new StreamPipeWriterOptions(leaveOpen: true));

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _buffer.UnflushedBytes;

    public override void Advance(int bytes) => _buffer.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _buffer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _buffer.GetSpan(sizeHint);

    public override void CancelPendingFlush() => _buffer.CancelPendingFlush();

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        await body.CommitAsync().ConfigureAwait(false);
        if (UnflushedBytes > 0)
        {
            return await _buffer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        await body.Inner.Stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        return default;
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (exception is null && UnflushedBytes > 0)
        {
            await FlushAsync().ConfigureAwait(false);
        }
    }

    // What has to wait for the session cannot be sent synchronously: it is sent when the handler is through.
    public override void Complete(Exception? exception = null)
    {
    }
}
