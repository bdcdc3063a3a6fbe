using System.Buffers.Binary;
using System.Security.Cryptography;
using Dox.SharedKernel.Infrastructure.Content;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Quarantine;

/// <summary>
/// Quarantined bytes as encrypted files: neither a step, nor a download, nor a scanner of the machine's own meets them. Each file has a key of
/// its own and is sealed block by block (AES-256-GCM), the last block marked: cut off or changed, it doesn't open.
/// </summary>
internal sealed class QuarantineVault(QuarantineKey key, IOptions<ValidationOptions> options)
{
    private const int BlockLength = 64 * 1024;
    private const int SaltLength = 16;
    private const int TagLength = 16;

    private static readonly byte[] s_magic = "DOXQ\x01\0\0\0"u8.ToArray();

    private string Folder => options.Value.Quarantine.Path;

    /// <summary>Keeps the content, unless it is kept already.</summary>
    public async Task PutAsync(string sha256, Stream content, CancellationToken cancellationToken)
    {
        var path = PathOf(sha256);
        if (File.Exists(path)) return;
        Directory.CreateDirectory(Folder);
        var partial = $"{path}.{Guid.CreateVersion7():N}.partial";
        try
        {
            await using (var file = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                await SealAsync(content, file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
            DurableFolder.Flush(Folder);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>The content as it was; the stream throws where the file was changed.</summary>
    public Stream Open(string sha256) => new OpeningStream(new FileStream(PathOf(sha256), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), key);

    public void Delete(string sha256) => File.Delete(PathOf(sha256));

    private string PathOf(string sha256) => Path.Combine(Folder, $"{sha256}.quarantined");

    private async Task SealAsync(Stream content, FileStream file, CancellationToken cancellationToken)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        await file.WriteAsync(s_magic, cancellationToken);
        await file.WriteAsync(salt, cancellationToken);
        using var aes = new AesGcm(key.ForFile(salt), TagLength);
        var (block, ahead) = (new byte[BlockLength], new byte[BlockLength]);
        var length = await content.ReadAtLeastAsync(block, BlockLength, throwOnEndOfStream: false, cancellationToken);
        for (var number = 0L; ; number++)
        {
            var next = length < BlockLength ? 0 : await content.ReadAtLeastAsync(ahead, BlockLength, throwOnEndOfStream: false, cancellationToken);
            await file.WriteAsync(Sealed(aes, block.AsSpan(0, length), number, last: next == 0), cancellationToken);
            if (next == 0) return;
            (block, ahead, length) = (ahead, block, next);
        }
    }

    private static byte[] Sealed(AesGcm aes, ReadOnlySpan<byte> block, long number, bool last)
    {
        var cipher = new byte[block.Length + TagLength];
        aes.Encrypt(Nonce(number, last), block, cipher.AsSpan(0, block.Length), cipher.AsSpan(block.Length));
        return cipher;
    }

    private static byte[] Nonce(long number, bool last)
    {
        var nonce = new byte[12];
        BinaryPrimitives.WriteInt64BigEndian(nonce, number);
        nonce[8] = last ? (byte)1 : (byte)0;
        return nonce;
    }

    private sealed class OpeningStream(FileStream file, QuarantineKey key) : Stream
    {
        private readonly byte[] _sealed = new byte[BlockLength + TagLength];
        private readonly byte[] _open = new byte[BlockLength];
        private AesGcm? _aes;
        private long _number;
        private int _at;
        private int _length;
        private bool _ended;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_at == _length && !_ended) await NextAsync(cancellationToken);
            var read = Math.Min(buffer.Length, _length - _at);
            _open.AsMemory(_at, read).CopyTo(buffer);
            _at += read;
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is read asynchronously.");

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                file.Dispose();
                _aes?.Dispose();
            }

            base.Dispose(disposing);
        }

        private async Task NextAsync(CancellationToken cancellationToken)
        {
            if (_aes is null)
            {
                var head = new byte[s_magic.Length + SaltLength];
                if (await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken) < head.Length || !head.AsSpan().StartsWith(s_magic)) throw Damaged();
                _aes = new AesGcm(key.ForFile(head.AsSpan(s_magic.Length)), TagLength);
            }

            var read = await file.ReadAtLeastAsync(_sealed, _sealed.Length, throwOnEndOfStream: false, cancellationToken);
            _ended = file.Position == file.Length;
            if (read < TagLength) throw Damaged();
            (_at, _length) = (0, read - TagLength);
            try
            {
                _aes.Decrypt(Nonce(_number++, _ended), _sealed.AsSpan(0, _length), _sealed.AsSpan(_length, TagLength), _open.AsSpan(0, _length));
            }
            catch (AuthenticationTagMismatchException)
            {
                throw Damaged();
            }
        }

        private static InvalidDataException Damaged() => new("The quarantined file was changed, or ENCRYPTION_KEY isn't the one that it was encrypted with.");
    }
}
