using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Http.Uploads;

namespace Dox.Validation.Steps;

/// <summary>
/// Files that are two types at once: another type's signature before the header, at the start, or behind an end of the document. Every
/// end is looked behind, not the last alone, since a second end can be put behind what is hidden.
/// </summary>
internal static class Polyglots
{
    private const int WindowSize = 256 * 1024;
    private const int Behind = 1024;

    private static readonly byte[] s_pngEnd = [(byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xae, 0x42, 0x60, 0x82];

    private static readonly HashSet<string> s_foreign = new(StringComparer.Ordinal)
    {
        "application/zip", "application/vnd.rar", "application/x-7z-compressed", "application/x-elf", "application/vnd.microsoft.portable-executable",
        "application/java-vm", "application/x-mach-binary", "application/x-ole-storage", "text/html", "image/svg+xml", "application/x-httpd-php",
    };

    // Long enough not to come up by chance in the few bytes before a header
    private static readonly (byte[] Magic, string Type)[] s_inPrefix =
    [
        ("PK\x03\x04"u8.ToArray(), "application/zip"), ("Rar!\x1a\x07"u8.ToArray(), "application/vnd.rar"), ([(byte)'7', (byte)'z', 0xbc, 0xaf, 0x27, 0x1c], "application/x-7z-compressed"),
        ([0x7f, (byte)'E', (byte)'L', (byte)'F'], "application/x-elf"), ("<script"u8.ToArray(), "text/html"), ("<html"u8.ToArray(), "text/html"), ("<?php"u8.ToArray(), "application/x-httpd-php"),
    ];

    /// <summary>What else the file is.</summary>
    /// <param name="step">Whose findings they are.</param>
    /// <param name="found">What its magic bytes say it is.</param>
    /// <param name="head">Its first bytes.</param>
    /// <param name="rest">The content behind <paramref name="head"/>.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<IReadOnlyList<Finding>> FindAsync(
        IValidationStep step, string found, ReadOnlyMemory<byte> head, Stream rest, CancellationToken cancellationToken)
    {
        var hits = new SortedDictionary<long, string>();
        var pdf = MediaTypes.PdfHeaderOffset(head.Span);
        if (pdf >= 0 && found != MediaTypes.Pdf) hits[pdf] = MediaTypes.Pdf;
        if (pdf > 0 && found == MediaTypes.Pdf) LookBefore(head.Span[..pdf], hits);
        await LookBehindAsync(EndOf(found), head, rest, hits, cancellationToken);
        return [.. hits.Take(10).Select(hit => step.Finding(
            "polyglot", $"The file is {hit.Value} as well. Send the document alone.", found, evidence: $"{hit.Value} at byte {hit.Key}"))];
    }

    private static byte[]? EndOf(string mediaType) => mediaType switch
    {
        MediaTypes.Pdf => "%%EOF"u8.ToArray(),
        MediaTypes.Png => s_pngEnd,
        MediaTypes.Jpeg => [0xff, 0xd9],
        _ => null,
    };

    private static void LookBefore(ReadOnlySpan<byte> prefix, SortedDictionary<long, string> hits)
    {
        // Markup may come in capitals
        Span<byte> small = stackalloc byte[prefix.Length];
        Ascii.ToLower(prefix, small, out _);
        foreach (var (magic, type) in s_inPrefix)
        {
            var at = prefix.IndexOf(magic);
            if (at < 0 && magic[0] == '<') at = small.IndexOf(magic);
            if (at >= 0) hits.TryAdd(at, type);
        }
    }

    // One pass in a window that keeps so much of what is past that neither an end nor what follows it is cut in two
    private static async Task LookBehindAsync(byte[]? end, ReadOnlyMemory<byte> head, Stream rest, SortedDictionary<long, string> hits, CancellationToken cancellationToken)
    {
        const int Kept = ZipEnd.Longest + Behind;
        var window = ArrayPool<byte>.Shared.Rent(WindowSize);
        try
        {
            head.CopyTo(window);
            var filled = head.Length;
            long start = 0;
            var looked = 0;
            while (true)
            {
                filled += await rest.ReadAtLeastAsync(window.AsMemory(filled, WindowSize - filled), WindowSize - filled, throwOnEndOfStream: false, cancellationToken);
                var last = filled < WindowSize;
                if (end is not null) looked = LookBehind(end, window.AsSpan(0, filled), looked, last, start, hits);
                if (last) break;

                var dropped = filled - Kept;
                window.AsSpan(dropped, Kept).CopyTo(window);
                (start, filled, looked) = (start + dropped, Kept, Math.Max(0, looked - dropped));
            }

            if (ZipEnd.Find(window.AsSpan(Math.Max(0, filled - ZipEnd.Longest), Math.Min(filled, ZipEnd.Longest))) is { } zip)
                hits.TryAdd(start + Math.Max(0, filled - ZipEnd.Longest) + zip, "application/zip");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }

    private static int LookBehind(ReadOnlySpan<byte> end, ReadOnlySpan<byte> window, int from, bool last, long start, SortedDictionary<long, string> hits)
    {
        while (window[from..].IndexOf(end) is var found and >= 0)
        {
            var behind = from + found + end.Length;
            if (!last && behind + Behind > window.Length) return from + found;
            var follows = window.Slice(behind, Math.Min(Behind, window.Length - behind));
            var trimmed = follows.TrimStart(" \t\r\n\f\0"u8);
            if (MediaTypes.AtStart(trimmed) is { } type && s_foreign.Contains(type) && IsReal(type, trimmed))
                hits.TryAdd(start + behind + follows.Length - trimmed.Length, type);
            from = behind;
        }

        return Math.Max(from, window.Length - end.Length + 1);
    }

    // Two letters come up by chance; a program that Windows runs has a second header that the first points to.
    private static bool IsReal(string type, ReadOnlySpan<byte> content)
    {
        if (type != "application/vnd.microsoft.portable-executable") return true;
        if (content.Length < 64) return false;
        var second = BinaryPrimitives.ReadUInt32LittleEndian(content[60..]);
        return second + 4 <= content.Length && content[(int)second..].StartsWith("PE\0\0"u8);
    }
}
