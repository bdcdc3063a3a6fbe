using System.Text;

namespace Dox.DocumentReader;

/// <summary>Media types, and what first bytes tell of them.</summary>
internal static class MediaTypes
{
    public const string Pdf = "application/pdf";
    public const string Png = "image/png";
    public const string Jpeg = "image/jpeg";
    public const string Tiff = "image/tiff";
    public const string Zip = "application/zip";
    public const string Gzip = "application/gzip";
    public const string Unknown = "application/octet-stream";

    private static readonly (byte[] Start, string Type)[] Signatures =
    [
        ("%PDF-"u8.ToArray(), Pdf),
        ([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A], Png),
        ([0xFF, 0xD8, 0xFF], Jpeg),
        ([(byte)'I', (byte)'I', 0x2A, 0x00], Tiff),
        ([(byte)'M', (byte)'M', 0x00, 0x2A], Tiff),
        ([(byte)'P', (byte)'K', 0x03, 0x04], Zip),
        ([(byte)'P', (byte)'K', 0x05, 0x06], Zip),
        ("Rar!"u8.ToArray(), "application/vnd.rar"),
        ([(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C], "application/x-7z-compressed"),
        ([0x1F, 0x8B], Gzip),
        ([(byte)'M', (byte)'Z'], "application/vnd.microsoft.portable-executable"),
        ([0x7F, (byte)'E', (byte)'L', (byte)'F'], "application/x-elf"),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "application/x-ole-storage"),
        ("{\\rtf"u8.ToArray(), "application/rtf"),
        ("#!"u8.ToArray(), "text/x-script"),
        ("GIF8"u8.ToArray(), "image/gif"),
    ];

    public static string Sniff(ReadOnlySpan<byte> content)
    {
        foreach (var (start, type) in Signatures)
        {
            if (content.StartsWith(start)) return type;
        }

        var head = content[..Math.Min(content.Length, 1024)];
        if (head.StartsWith("\uFEFF"u8)) head = head[3..];
        if (head.IsEmpty || head.Contains((byte)0)) return head.StartsWith((byte[])[0xFE, 0xFF]) || head.StartsWith((byte[])[0xFF, 0xFE]) ? "text/plain" : Unknown;
        var text = Encoding.Latin1.GetString(head).TrimStart();
        if (text.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase)) return "application/xml";
        if (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
            || text.Contains("<script", StringComparison.OrdinalIgnoreCase)) return "text/html";
        if (text.StartsWith('<')) return "application/xml";
        return head.IndexOfAnyInRange((byte)0, (byte)8) < 0 ? "text/plain" : Unknown;
    }
}
