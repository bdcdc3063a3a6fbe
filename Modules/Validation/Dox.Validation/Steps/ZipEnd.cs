using System.Buffers;
using System.Buffers.Binary;

namespace Dox.Validation.Steps;

/// <summary>The last record of a ZIP file. Any archive program opens a file by it, whatever stands before.</summary>
internal static class ZipEnd
{
    private const int Length = 22;

    /// <summary>The longest that it may be: the record and its comment, which reaches to the file's end.</summary>
    public const int Longest = Length + ushort.MaxValue;

    /// <summary>Where in a file's last bytes it is; null for nowhere.</summary>
    public static int? Find(ReadOnlySpan<byte> tail)
    {
        for (var from = tail.Length; tail[..from].LastIndexOf("PK\x05\x06"u8) is var at and >= 0; from = at)
        {
            if (at + Length <= tail.Length && at + Length + BinaryPrimitives.ReadUInt16LittleEndian(tail[(at + 20)..]) == tail.Length) return at;
        }

        return null;
    }

    /// <summary>Where in the content it is; null for nowhere.</summary>
    /// <param name="content">Can seek.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<long?> FindAsync(Stream content, CancellationToken cancellationToken)
    {
        var start = Math.Max(0, content.Length - Longest);
        var length = (int)(content.Length - start);
        content.Position = start;
        var tail = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await content.ReadExactlyAsync(tail.AsMemory(0, length), cancellationToken);
            return Find(tail.AsSpan(0, length)) is { } at ? start + at : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(tail);
        }
    }
}
