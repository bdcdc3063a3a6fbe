namespace Dox.SharedKernel.Tests.Content;

/// <summary>A body of so many chunks of 64 KB, which does something before one of them.</summary>
internal sealed class ScriptedBody(int chunks, int at = -1, Action? act = null) : Stream
{
    private int _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_read == at) act!();
        cancellationToken.ThrowIfCancellationRequested();
        if (_read++ >= chunks) return ValueTask.FromResult(0);
        Assert.That(buffer.Length, Is.GreaterThanOrEqualTo(64 * 1024));
        buffer.Span[..(64 * 1024)].Fill((byte)_read);
        return ValueTask.FromResult(64 * 1024);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
