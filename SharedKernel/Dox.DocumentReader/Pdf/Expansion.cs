using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Dox.DocumentReader.Pdf;

/// <summary>Counts what streams expand to, without keeping it and stopping where the budget ends.</summary>
internal static class Expansion
{
    public const int BlockLength = 64 * 1024;
    private const int SalvageLength = 4 * 1024;

    public static void CountFlate(ReadOnlyMemory<byte> data, InflateBudget budget)
    {
        if (data.Length <= 2) return;
        var block = ArrayPool<byte>.Shared.Rent(BlockLength);
        try
        {
            using var inflater = new DeflateStream(AsStream(data[2..]), CompressionMode.Decompress);
            for (int read; (read = inflater.Read(block, 0, block.Length)) > 0;) budget.Spend(read);
        }
        catch (InvalidDataException)
        {
            // Damaged from here on; what comes before it is counted
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    public static void CountLzw(ReadOnlySpan<byte> data, bool earlyChange, InflateBudget budget)
    {
        const int Clear = 256;
        const int End = 257;
        var lengths = new int[4096];
        var (next, width, previous) = (258, 9, 0);
        var (bits, available) = (0, 0);
        long pending = 0;
        foreach (var b in data)
        {
            bits = (bits << 8) | b;
            available += 8;
            if (available < width) continue;
            available -= width;
            var code = (bits >> available) & ((1 << width) - 1);
            bits &= (1 << available) - 1;
            if (code == End) break;
            if (code == Clear)
            {
                (next, width, previous) = (258, 9, 0);
                continue;
            }

            var length = code < Clear ? 1 : code < next ? lengths[code] : previous + 1;
            pending += length;
            if (previous > 0 && next < 4096) lengths[next++] = previous + 1;
            previous = length;
            width = (next + (earlyChange ? 1 : 0)) switch { >= 2048 => 12, >= 1024 => 11, >= 512 => 10, _ => 9 };
            if (pending < BlockLength) continue;
            budget.Spend(pending);
            pending = 0;
        }

        budget.Spend(pending);
    }

    public static void CountRunLength(ReadOnlySpan<byte> data, InflateBudget budget)
    {
        long total = 0;
        for (var at = 0; at < data.Length && data[at] != 128;)
        {
            var repeats = data[at] > 128;
            total += repeats ? 257 - data[at] : data[at] + 1;
            at += repeats ? 2 : data[at] + 2;
        }

        budget.Spend(total);
    }

    /// <summary>Inflates within the budget; a damaged stream gives what comes before the damage.</summary>
    public static Memory<byte> Inflate(ReadOnlyMemory<byte> data, InflateBudget budget)
    {
        if (data.Length <= 2) return Memory<byte>.Empty;
        // What a read had inflated before it meets damage is lost with it: damaged streams are read again in small steps
        return TryInflate(data, budget, BlockLength, out var whole) ? whole : Salvaged();

        Memory<byte> Salvaged()
        {
            TryInflate(data, budget, SalvageLength, out var saved);
            return saved;
        }
    }

    private static bool TryInflate(ReadOnlyMemory<byte> data, InflateBudget budget, int step, out Memory<byte> inflated)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(BlockLength, Math.Min(data.Length, 16 << 20) * 4));
        var length = 0;
        var sound = true;
        try
        {
            using var inflater = new DeflateStream(AsStream(data[2..]), CompressionMode.Decompress);
            while (true)
            {
                if (buffer.Length == length) Grow(ref buffer, length);
                int read;
                try
                {
                    read = inflater.Read(buffer, length, Math.Min(step, buffer.Length - length));
                }
                catch (InvalidDataException)
                {
                    sound = false;
                    break;
                }

                if (read == 0) break;
                budget.Spend(read);
                length += read;
            }

            inflated = buffer.AsSpan(0, length).ToArray();
            return sound;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Grow(ref byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(checked(buffer.Length * 2));
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    public static MemoryStream AsStream(ReadOnlyMemory<byte> data) =>
        MemoryMarshal.TryGetArray(data, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(data.ToArray(), writable: false);
}
