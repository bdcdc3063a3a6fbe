using System.Globalization;
using System.Text;

namespace Dox.TemplateMatching.Tests.Hostile;

/// <summary>A form whose labels run from right to left, each letter put where it stands, as printers write such text; a number left of each label.</summary>
internal static class HebrewForm
{
    private const char First = 'א';
    private const int FirstCode = 0x41;

    // Latin letters stand for Hebrew ones in the font's codes, and the map to Unicode says which
    private const string Map = """
        /CIDInit /ProcSet findresource begin 12 dict begin begincmap
        1 begincodespacerange <00> <FF> endcodespacerange
        2 beginbfrange <30> <39> <0030> <41> <5B> <05D0> endbfrange
        endcmap end end
        """;

    private static readonly string[] Labels = ["חשבונית", "תאריך", "לקוח", "סכום", "מספר", "כתובת", "טלפון", "בנק", "חברה", "מיקום", "הזמנה", "תשלום", "אישור", "חתימה"];

    /// <param name="seed">Of the numbers.</param>
    public static byte[] Write(int seed)
    {
        // A name that no reader has letters for: those of the standard fonts would take its codes for Latin
        var widths = string.Join(' ', Enumerable.Repeat("600", 256));
        var font = "/Subtype /Type1 /BaseFont /HebrewForm /ToUnicode 6 0 R /FirstChar 0 /LastChar 255 /Widths [" + widths + "] /FontDescriptor "
            + "<< /Type /FontDescriptor /FontName /HebrewForm /Flags 33 /FontBBox [0 -200 600 800] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>";
        var random = new Random(seed);
        var drawing = new StringBuilder("BT /F1 12 Tf\n");
        for (var i = 0; i < Labels.Length; i++)
        {
            var y = 720 - 45 * i;
            drawing.Append(CultureInfo.InvariantCulture, $"1 0 0 1 {140 + 30 * (i % 3)} {y} Tm ({random.Next(10_000, 99_999)}) Tj\n");
            for (var letter = 0; letter < Labels[i].Length; letter++)
                drawing.Append(CultureInfo.InvariantCulture, $"1 0 0 1 {500 - 7.2 * letter} {y} Tm <{FirstCode + Labels[i][letter] - First:X2}> Tj\n");
        }

        return HandmadePdf.Of(drawing.Append("ET").ToString(), font, Map);
    }
}
