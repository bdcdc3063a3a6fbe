using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Dox.Orchestration.Engine.Storage;

/// <summary>Gathers the parts of an entry, each text preceded by its length: no two different entries give the same bytes.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct EntryHash() : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1024);
    private int _length;

    public void Add(string? text)
    {
        if (text is null)
        {
            Add(-1);
            return;
        }

        var at = Grow(sizeof(int) + Encoding.UTF8.GetMaxByteCount(text.Length));
        var bytes = Encoding.UTF8.GetBytes(text, _buffer.AsSpan(at + sizeof(int)));
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(at), bytes);
        _length = at + sizeof(int) + bytes;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        var at = Grow(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(at));
        _length = at + bytes.Length;
    }

    public void Add(Guid id)
    {
        var at = Grow(16);
        id.TryWriteBytes(_buffer.AsSpan(at), bigEndian: true, out _);
        _length = at + 16;
    }

    public void Add(long number)
    {
        var at = Grow(sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.AsSpan(at), number);
        _length = at + sizeof(long);
    }

    public readonly byte[] ToBytes() => SHA256.HashData(_buffer.AsSpan(0, _length));

    public void Dispose()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private int Grow(int by)
    {
        if (_buffer.Length - _length >= by) return _length;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + by));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
        return _length;
    }
}
