using System.Buffers.Binary;
using System.IO.Compression;
using Dox.DocumentReader.Pdf;
using Dox.DocumentReading;

namespace Dox.DocumentReader.Archives;

/// <summary>An entry of a ZIP file, whose data lies within the file and belongs to it alone.</summary>
/// <param name="Start">Where its compressed bytes start.</param>
/// <param name="Compressed">How many they are.</param>
/// <param name="Length">What it says that it inflates to.</param>
/// <param name="IsDeflated">Else it is stored as it is.</param>
internal sealed record ZipEntry(long Start, long Compressed, long Length, bool IsDeflated)
{
    public Stream Open(ReadOnlyMemory<byte> file)
    {
        var data = Expansion.AsStream(file.Slice((int)Start, (int)Compressed));
        return IsDeflated ? new DeflateStream(data, CompressionMode.Decompress) : data;
    }
}

/// <summary>
/// A ZIP file's directory, read by hand: libraries answer to the first record that fits, and neither notice entries that share their bytes
/// nor sizes that lie.
/// </summary>
internal static class ZipDirectory
{
    private const int EndLength = 22;
    private const int MostComment = ushort.MaxValue;
    private const uint Huge = uint.MaxValue;

    public static IReadOnlyList<ZipEntry> Read(ReadOnlyMemory<byte> file, int maxEntries, InflateBudget budget)
    {
        var bytes = file.Span;
        var end = FindEnd(bytes);
        var (count, size, offset) = Totals(bytes, end, out var directoryEnd);
        if (count > (ulong)maxEntries)
            throw new RefusedException(ReadingOutcome.TooLarge, "archive_too_many_entries", $"The archive holds more than {maxEntries} entries.");
        // Something may stand before the archive; all offsets are meant from its start then
        if (size > (ulong)directoryEnd || offset > (ulong)directoryEnd - size) throw Broken();
        var shift = directoryEnd - (long)size - (long)offset;

        var entries = new List<ZipEntry>();
        var taken = new List<(long From, long To)>();
        long declared = 0;
        var at = (long)offset + shift;
        for (var number = 0UL; number < count; number++)
        {
            var (entry, from, next) = ReadEntry(bytes, at, directoryEnd, shift);
            at = next;
            taken.Add((from, entry.Start + entry.Compressed));
            entries.Add(entry);
            declared += entry.Length;
            budget.Announce(declared);
        }

        taken.Sort();
        for (var i = 1; i < taken.Count; i++)
        {
            if (taken[i].From < taken[i - 1].To)
                throw new RefusedException(ReadingOutcome.TooLarge, "archive_entries_overlap", "Entries of the archive share their bytes, as in a decompression bomb.");
        }

        return entries;
    }

    public static RefusedException Lies() => new(
        ReadingOutcome.TooLarge, "archive_sizes_lie", "An entry of the archive doesn't inflate to the size that the archive says.");

    private static int FindEnd(ReadOnlySpan<byte> file)
    {
        var tail = file[Math.Max(0, file.Length - EndLength - MostComment)..];
        for (var from = tail.Length; tail[..from].LastIndexOf("PK\x05\x06"u8) is var at and >= 0; from = at)
        {
            if (at + EndLength <= tail.Length) return file.Length - tail.Length + at;
        }

        throw Broken();
    }

    private static (ulong Count, ulong Size, ulong Offset) Totals(ReadOnlySpan<byte> file, int end, out long directoryEnd)
    {
        directoryEnd = end;
        ulong count = U16(file, end + 10);
        ulong size = U32(file, end + 12);
        ulong offset = U32(file, end + 16);
        if (U16(file, end + 4) != 0 || U16(file, end + 8) != count) throw Broken();
        // The 64-bit record counts wherever there is one: who reads it, and who doesn't, must see the same archive
        if (end < 20 || !file[(end - 20)..].StartsWith("PK\x06\x07"u8))
            return count == ushort.MaxValue || size == Huge || offset == Huge ? throw Broken() : (count, size, offset);

        var record = file[..(end - 20)].LastIndexOf("PK\x06\x06"u8);
        if (record < 0 || record + 56 > end - 20) throw Broken();
        var (count64, size64, offset64) = (U64(file, record + 32), U64(file, record + 40), U64(file, record + 48));
        if ((count != ushort.MaxValue && count != count64) || (size != Huge && size != size64) || (offset != Huge && offset != offset64)) throw Lies();
        directoryEnd = record;
        return (count64, size64, offset64);
    }

    private static (ZipEntry Entry, long From, long Next) ReadEntry(ReadOnlySpan<byte> file, long at, long directoryEnd, long shift)
    {
        if (at < 0 || at + 46 > directoryEnd || !file[(int)at..].StartsWith("PK\x01\x02"u8)) throw Broken();
        var here = (int)at;
        var (flags, method) = (U16(file, here + 8), U16(file, here + 10));
        ulong compressed = U32(file, here + 20), length = U32(file, here + 24), local = U32(file, here + 42);
        var (name, extra, comment) = (U16(file, here + 28), U16(file, here + 30), U16(file, here + 32));
        var next = at + 46 + name + extra + comment;
        if (next > directoryEnd) throw Broken();
        Widen(file.Slice(here + 46 + name, extra), ref length, ref compressed, ref local);
        if ((flags & 1) != 0)
            throw new RefusedException(ReadingOutcome.Encrypted, "archive_encrypted", "The archive is encrypted; nobody can look into it.");
        if (method is not (0 or 8))
            throw new RefusedException(ReadingOutcome.Unsupported, "archive_method_unsupported", "An entry of the archive is compressed in a way whose outcome can't be told beforehand.");

        var from = (long)Math.Min(local, long.MaxValue / 2) + shift;
        if (from < 0 || from + 30 > file.Length || !file[(int)from..].StartsWith("PK\x03\x04"u8)) throw Broken();
        var start = from + 30 + U16(file, (int)from + 26) + U16(file, (int)from + 28);
        if (start > file.Length || compressed > (ulong)(file.Length - start) || length > long.MaxValue) throw Broken();
        if (U16(file, (int)from + 8) != method) throw Lies();
        return (new ZipEntry(start, (long)compressed, (long)length, method == 8), from, next);
    }

    // In this order, and only those that the 32-bit field has no room for
    private static void Widen(ReadOnlySpan<byte> extra, ref ulong length, ref ulong compressed, ref ulong local)
    {
        while (extra.Length >= 4)
        {
            var (tag, size) = (U16(extra, 0), U16(extra, 2));
            if (size > extra.Length - 4) throw Broken();
            if (tag == 1)
            {
                var wide = extra.Slice(4, size);
                Take(ref wide, ref length);
                Take(ref wide, ref compressed);
                Take(ref wide, ref local);
            }

            extra = extra[(4 + size)..];
        }

        if (length == Huge || compressed == Huge || local == Huge) throw Broken();

        static void Take(ref ReadOnlySpan<byte> wide, ref ulong field)
        {
            if (field != Huge) return;
            if (wide.Length < 8) throw Broken();
            field = U64(wide, 0);
            wide = wide[8..];
        }
    }

    private static ushort U16(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file[at..]);

    private static uint U32(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file[at..]);

    private static ulong U64(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt64LittleEndian(file[at..]);

    private static RefusedException Broken() => new(
        ReadingOutcome.Broken, "archive_broken", "The archive's directory is damaged: what is in the archive can't be told.");
}
