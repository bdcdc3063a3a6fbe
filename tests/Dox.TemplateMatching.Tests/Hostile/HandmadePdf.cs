using System.Globalization;
using System.Text;

namespace Dox.TemplateMatching.Tests.Hostile;

/// <summary>PDFs of one page of 612 by 792 points, written by hand.</summary>
internal static class HandmadePdf
{
    /// <param name="drawing">The page's content stream, Latin-1; its font is <c>F1</c>.</param>
    /// <param name="font">The entries of the font's dictionary.</param>
    /// <param name="toUnicode">A stream that font may name as object 6, or null.</param>
    public static byte[] Of(string drawing, string font = "/Subtype /Type1 /BaseFont /Helvetica", string? toUnicode = null)
    {
        List<string> objects =
        [
            "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
            Stream(drawing), $"<< /Type /Font {font} >>",
        ];
        if (toUnicode is not null) objects.Add(Stream(toUnicode));
        var pdf = new StringBuilder("%PDF-1.4\n");
        var offsets = new List<int>();
        foreach (var content in objects)
        {
            offsets.Add(pdf.Length);
            pdf.Append(CultureInfo.InvariantCulture, $"{offsets.Count} 0 obj\n{content}\nendobj\n");
        }

        var start = pdf.Length;
        pdf.Append(CultureInfo.InvariantCulture, $"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets) pdf.Append(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n");
        pdf.Append(CultureInfo.InvariantCulture, $"trailer\n<< /Size {objects.Count + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(pdf.ToString());
    }

    private static string Stream(string content) => $"<< /Length {content.Length} >>\nstream\n{content}\nendstream";
}
