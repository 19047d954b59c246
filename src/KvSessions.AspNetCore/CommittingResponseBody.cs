using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace KvSessions.AspNetCore;

/// <summary>
/// The body of a response. Once the session has something to save, nothing of it reaches the server before that is saved. If the save
/// fails, it fails the write, and what was written is still unsent. Until then it is the body underneath, and costs next to nothing.
/// </summary>
/// <remarks>
/// It is in place before the rest of the pipeline runs: middleware that puts a body of its own on top (compression, buffering) writes
/// into this one, also what it writes when the handler is through.
/// </remarks>
internal sealed class CommittingResponseBody(IHttpResponseBodyFeature inner, RequestSession request) : Stream, IHttpResponseBodyFeature
{
    private CommittingPipeWriter? _buffer;
    private StartedPipeWriter? _writer;
    private bool _isHeld;

    public IHttpResponseBodyFeature Inner => inner;

    Stream IHttpResponseBodyFeature.Stream => this;

    PipeWriter IHttpResponseBodyFeature.Writer =>
        !_isHeld ? inner.Writer
        : _buffer is null && request.HasStarted ? _writer ??= new StartedPipeWriter(inner.Writer, request)
        : _buffer ??= new CommittingPipeWriter(this);

    public override bool CanRead => false;

    public override bool CanSeek => inner.Stream.CanSeek;

    public override bool CanWrite => true;

    public override long Length => inner.Stream.Length;

    public override long Position
    {
        get => inner.Stream.Position;
        set => inner.Stream.Position = value;
    }

    /// <summary>From now on the session has to be saved before anything is written.</summary>
    public void Hold() => _isHeld = true;

    /// <summary>Sends what was written to the pipe and not flushed, which a server does at the end of a response.</summary>
    public Task FlushWriterAsync() => _buffer is { UnflushedBytes: > 0 } ? _buffer.FlushAsync().AsTask() : Task.CompletedTask;

    /// <summary>Saves the session, if that is called for.</summary>
    public Task CommitAsync() => _isHeld ? request.CommitAsync() : Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken = default) =>
        _isHeld ? CommitThenStartAsync(cancellationToken) : inner.StartAsync(cancellationToken);

    public async Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        await FlushWriterAsync().ConfigureAwait(false);
        await CommitAsync().ConfigureAwait(false);
        await inner.SendFileAsync(path, offset, count, cancellationToken).ConfigureAwait(false);
    }

    public async Task CompleteAsync()
    {
        await CommitAsync().ConfigureAwait(false);
        await FlushWriterAsync().ConfigureAwait(false);
        await inner.CompleteAsync().ConfigureAwait(false);
    }

    public void DisableBuffering() => inner.DisableBuffering();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isHeld ? CommitThenWriteAsync(buffer, cancellationToken) : inner.Stream.WriteAsync(buffer, cancellationToken);

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await CommitAsync().ConfigureAwait(false);
        await FlushWriterAsync().ConfigureAwait(false);
        await inner.Stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    public override void Write(byte[] buffer, int offset, int count)
    {
        ThrowIfHeld();
        inner.Stream.Write(buffer, offset, count);
    }

    public override void Flush()
    {
        ThrowIfHeld();
        inner.Stream.Flush();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => inner.Stream.Seek(offset, origin);

    public override void SetLength(long value) => inner.Stream.SetLength(value);

    private async Task CommitThenStartAsync(CancellationToken cancellationToken)
    {
        await CommitAsync().ConfigureAwait(false);
        await inner.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask CommitThenWriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        await CommitAsync().ConfigureAwait(false);
        await FlushWriterAsync().ConfigureAwait(false);
        await inner.Stream.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    private void ThrowIfHeld()
    {
        if (_isHeld && (request.HasChanges || _buffer is { UnflushedBytes: > 0 }))
        {
            throw new InvalidOperationException(
                "The session has to be saved before the response starts, which a synchronous write cannot wait for. Write asynchronously, or call CommitAsync() of the session before.");
        }
    }
}
