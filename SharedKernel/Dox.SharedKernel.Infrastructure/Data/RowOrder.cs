using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>
/// UUIDv7s that sort in the order in which they were made, also within one millisecond, which UUIDv7 alone leaves to chance: a count stands
/// where the random bits begin.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct RowOrder
{
    private const int CountBits = 12;
    private DateTimeOffset _last;
    private int _count;

    public Guid Next(DateTimeOffset now)
    {
        // A clock that is set back, or 4096 in one millisecond: the next one's millisecond is borrowed.
        now = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        if (now > _last) (_last, _count) = (now, 0);
        else if (++_count == 1 << CountBits) (_last, _count) = (_last.AddMilliseconds(1), 0);

        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(_last).TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)(0x7000 | _count));
        return new Guid(bytes, bigEndian: true);
    }
}
