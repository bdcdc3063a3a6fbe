using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Dox.Host.Demo.Samples;

/// <summary>Adds a file to a PDF the way editors do: an incremental update behind the untouched original.</summary>
internal static partial class PdfAttachment
{
    public static byte[] Add(byte[] pdf, string fileName, byte[] content)
    {
        // Latin-1 maps bytes to characters one to one, so positions in the text are positions in the file.
        var text = Encoding.Latin1.GetString(pdf);
        var previous = StartXref().Matches(text)[^1].Value;
        var trailer = text[text.LastIndexOf("trailer", StringComparison.Ordinal)..];
        var root = int.Parse(Root().Match(trailer).Value, CultureInfo.InvariantCulture);
        var size = int.Parse(Size().Match(trailer).Value, CultureInfo.InvariantCulture);
        var catalog = Regex.Match(text, $@"(?<=\n{root} 0 obj\s*<<).*?(?=>>\s*endobj)", RegexOptions.Singleline, TimeSpan.FromSeconds(1)).Value;

        var update = new StringBuilder("\n");
        var offsets = new List<(int Number, int Offset)>();
        Object(root, $"<<{catalog}\n/Names <</EmbeddedFiles <</Names [({fileName}) {size} 0 R]>>>>>>");
        Object(size, $"<</Type /Filespec /F ({fileName}) /UF ({fileName}) /EF <</F {size + 1} 0 R>>>>");
        Object(size + 1, $"<</Type /EmbeddedFile /Subtype /text#2Fplain /Length {content.Length}>>\nstream\n{Encoding.Latin1.GetString(content)}\nendstream");
        var xref = pdf.Length + update.Length;
        update.Append("xref\n");
        foreach (var (number, offset) in offsets)
            update.Append(CultureInfo.InvariantCulture, $"{number} 1\n{offset:0000000000} 00000 n \n");
        update.Append(CultureInfo.InvariantCulture, $"trailer\n<</Size {size + 2} /Root {root} 0 R /Prev {previous}>>\nstartxref\n{xref}\n%%EOF\n");
        return [.. pdf, .. Encoding.Latin1.GetBytes(update.ToString())];

        void Object(int number, string body)
        {
            offsets.Add((number, pdf.Length + update.Length));
            update.Append(CultureInfo.InvariantCulture, $"{number} 0 obj\n{body}\nendobj\n");
        }
    }

    [GeneratedRegex(@"(?<=startxref\s+)\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StartXref();

    [GeneratedRegex(@"(?<=/Root )\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Root();

    [GeneratedRegex(@"(?<=/Size )\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Size();
}
