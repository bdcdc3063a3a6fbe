using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Dox.Validation.Tests.Hosting;

/// <summary>Small files that inflate to much. Made when tests run: committed, they would trip scanners.</summary>
internal static class Bombs
{
    public const long Gigabyte = 1L << 30;

    public static byte[] Zip(long bytes)
    {
        using var archive = new MemoryStream();
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = zip.CreateEntry("zeros.bin", CompressionLevel.Optimal).Open())
        {
            Zeros(entry, bytes);
        }

        return archive.ToArray();
    }

    public static byte[] Gzip(long bytes)
    {
        using var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true)) Zeros(gzip, bytes);
        return file.ToArray();
    }

    public static byte[] Pdf(long bytes)
    {
        using var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Optimal, leaveOpen: true)) Zeros(zlib, bytes);
        return TestFiles.Pdf("", "", $"<</Filter/FlateDecode/Length {stream.Length}>>stream\n{Encoding.Latin1.GetString(stream.ToArray())}\nendstream");
    }

    /// <summary>An archive whose many entries all are the same bytes.</summary>
    public static byte[] OverlappingZip(int entries)
    {
        var kernel = Zip(1 << 20);
        var end = kernel.AsSpan().LastIndexOf("PK\x05\x06"u8);
        var directory = BinaryPrimitives.ReadInt32LittleEndian(kernel.AsSpan(end + 16));
        var entry = kernel.AsSpan(directory, end - directory).ToArray();
        var record = kernel.AsSpan(end).ToArray();
        using var zip = new MemoryStream();
        zip.Write(kernel, 0, directory);
        for (var i = 0; i < entries; i++) zip.Write(entry);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(8), (ushort)entries);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(10), (ushort)entries);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(12), entries * entry.Length);
        zip.Write(record);
        return zip.ToArray();
    }

    /// <summary>An archive that says of its entry that it were smaller than it is.</summary>
    public static byte[] LyingZip(long bytes, int said)
    {
        var zip = Zip(bytes);
        var directory = BinaryPrimitives.ReadInt32LittleEndian(zip.AsSpan(zip.AsSpan().LastIndexOf("PK\x05\x06"u8) + 16));
        BinaryPrimitives.WriteInt32LittleEndian(zip.AsSpan(directory + 24), said);
        BinaryPrimitives.WriteInt32LittleEndian(zip.AsSpan(22), said);
        return zip;
    }

    /// <summary>A 64-bit directory that differs from the 32-bit one: two programs would see two archives.</summary>
    public static byte[] TwoFacedZip()
    {
        var zip = TestFiles.Zip("a.txt", "harmless"u8.ToArray());
        var end = zip.AsSpan().LastIndexOf("PK\x05\x06"u8);
        var record = new byte[56 + 20];
        "PK\x06\x06"u8.CopyTo(record);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(4), 44);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(24), 7);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(32), 7);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(40), 99);
        "PK\x06\x07"u8.CopyTo(record.AsSpan(56));
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(64), end);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(72), 1);
        return [.. zip[..end], .. record, .. zip[end..]];
    }

    /// <summary>An archive with the flag of encryption set; no scanner gets further than that.</summary>
    public static byte[] EncryptedZip(byte[] content)
    {
        var zip = TestFiles.Zip("secret.bin", content);
        var directory = BinaryPrimitives.ReadInt32LittleEndian(zip.AsSpan(zip.AsSpan().LastIndexOf("PK\x05\x06"u8) + 16));
        zip[6] |= 1;
        zip[directory + 8] |= 1;
        return zip;
    }

    public static byte[] Nested(byte[] content, int depth)
    {
        for (var i = 0; i < depth; i++) content = TestFiles.Zip($"{i}.zip", content);
        return content;
    }

    private static void Zeros(Stream to, long bytes)
    {
        var block = new byte[1 << 20];
        for (; bytes > 0; bytes -= block.Length) to.Write(block, 0, (int)Math.Min(bytes, block.Length));
    }
}
