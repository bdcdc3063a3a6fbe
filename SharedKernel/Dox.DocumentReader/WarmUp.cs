using System.Text;
using Dox.DocumentReading;

namespace Dox.DocumentReader;

/// <summary>The first PDF costs half a second of compiling; paid before the first document instead of by it.</summary>
internal static class WarmUp
{
    public static void Run()
    {
        var pdf = TinyPdf();
        Opening.Inspect(pdf, MediaTypes.Pdf, new InspectionLimits());
        Opening.ReadText(pdf, MediaTypes.Pdf, new TextLimits());
    }

    private static byte[] TinyPdf()
    {
        const string Drawing = "BT /F1 12 Tf 1 0 0 1 50 700 Tm (Warm words) Tj ET 50 600 m 200 600 l S 50 500 100 1 re f";
        string[] objects =
        [
            "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[6 0 R]>>",
            $"<</Length {Drawing.Length}>>stream\n{Drawing}\nendstream",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            "<</Type/Annot/Subtype/Widget/FT/Tx/T(field)/V(value)/Rect[50 50 100 70]/P 3 0 R>>",
        ];
        var file = new StringBuilder("%PDF-1.4\n");
        var offsets = new List<int>();
        foreach (var (body, index) in objects.Select((o, i) => (o, i)))
        {
            offsets.Add(file.Length);
            file.Append($"{index + 1} 0 obj\n{body}\nendobj\n");
        }

        var xref = file.Length;
        file.Append($"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets) file.Append($"{offset:D10} 00000 n \n");
        file.Append($"trailer<</Root 1 0 R/Size {objects.Length + 1}>>\nstartxref\n{xref}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(file.ToString());
    }
}
