using System.Buffers.Text;
using System.Globalization;
using Dox.DocumentReading;

namespace Dox.DocumentReader.Pdf;

/// <summary>What the bytes around a PDF's objects tell: header, end, cross-reference; before any parser touches them.</summary>
internal sealed class PdfEnvelope
{
    private const int Window = 1024;

    private PdfEnvelope(int headerOffset, string? version)
    {
        HeaderOffset = headerOffset;
        Version = version;
    }

    public int HeaderOffset { get; }

    public string? Version { get; }

    public List<ReadingFinding> Findings { get; } = [];

    public static PdfEnvelope Read(ReadOnlySpan<byte> file)
    {
        var offset = file[..Math.Min(file.Length, Window + 5)].IndexOf("%PDF-"u8);
        if (offset < 0)
            throw new RefusedException(ReadingOutcome.Broken, "pdf_no_header", $"There is no PDF header in the first {Window} bytes.");

        var envelope = new PdfEnvelope(offset, VersionAt(file[(offset + 5)..]));
        if (offset > 0)
            envelope.Found("pdf_header_offset", $"{offset} bytes stand before the PDF header.", offset);
        envelope.ReadEnd(file);
        return envelope;
    }

    private void ReadEnd(ReadOnlySpan<byte> file)
    {
        var end = file.LastIndexOf("%%EOF"u8);
        if (end < 0)
        {
            Found("pdf_no_eof", "The PDF has no end mark: it may have been cut off.", null);
        }
        else
        {
            var trailing = file[(end + 5)..].TrimEnd("\0\r\n\t "u8).TrimStart("\r\n"u8).Length;
            if (trailing > 0) Found("pdf_bytes_after_end", $"{trailing} bytes stand after the PDF's end mark.", trailing);
        }

        if (!PointsToCrossReference(file))
            Found("pdf_xref_repaired", "The PDF's cross-reference isn't where the PDF says it is; its objects were searched for.", null);
    }

    private bool PointsToCrossReference(ReadOnlySpan<byte> file)
    {
        var start = file.LastIndexOf("startxref"u8);
        if (start < 0) return false;
        var rest = file[(start + 9)..].TrimStart("\0\r\n\t\f "u8);
        if (!Utf8Parser.TryParse(rest, out long offset, out _)) return false;
        return IsCrossReference(file, offset) || IsCrossReference(file, offset + HeaderOffset);
    }

    private static bool IsCrossReference(ReadOnlySpan<byte> file, long offset)
    {
        if (offset <= 0 || offset >= file.Length) return false;
        var at = file[(int)offset..].TrimStart("\0\r\n\t\f "u8);
        if (at.StartsWith("xref"u8)) return true;
        var line = at[..Math.Min(at.Length, 32)];
        return line.Length > 0 && line[0] is >= (byte)'0' and <= (byte)'9' && line.IndexOf(" obj"u8) > 0;
    }

    private static string? VersionAt(ReadOnlySpan<byte> rest) =>
        rest.Length >= 3 && rest[0] is >= (byte)'0' and <= (byte)'9' && rest[1] == '.' && rest[2] is >= (byte)'0' and <= (byte)'9'
            ? $"{(char)rest[0]}.{(char)rest[2]}"
            : null;

    private void Found(string code, string message, long? evidence) =>
        Findings.Add(new ReadingFinding(code, message, evidence?.ToString(CultureInfo.InvariantCulture)));
}
