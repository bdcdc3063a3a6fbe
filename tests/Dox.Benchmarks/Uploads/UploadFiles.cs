using System.Text;

namespace Dox.Benchmarks.Uploads;

/// <summary>PDFs as a scanner makes them: a page that is one picture. No two have the same bytes, so that nobody's memory answers.</summary>
internal sealed class UploadFiles
{
    private const int Templates = 4;

    private readonly byte[][] _templates;
    private readonly int _mark;
    private long _next;

    public UploadFiles(int length)
    {
        Length = length;
        var random = new Random(1);
        _templates = [.. Enumerable.Range(0, Templates).Select(_ => Make(length, random, out _))];
        Make(length, random, out _mark);
    }

    public int Length { get; }

    public byte[] Next()
    {
        var number = Interlocked.Increment(ref _next);
        var file = (byte[])_templates[number % Templates].Clone();
        BitConverter.TryWriteBytes(file.AsSpan(_mark), number);
        return file;
    }

    private static byte[] Make(int length, Random random, out int mark)
    {
        const string Content = "q 595 0 0 842 0 0 cm /Im Do Q";
        var picture = new byte[Math.Max(16, length - 1100)];
        random.NextBytes(picture);
        string[] objects =
        [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</Im 5 0 R>>>>>>",
            $"<</Length {Content.Length}>>stream\n{Content}\nendstream",
            $"<</Type/XObject/Subtype/Image/Width 2480/Height 3508/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode/Length {picture.Length}>>stream\n",
        ];
        var pdf = new MemoryStream();
        var offsets = new List<long>();
        Write("%PDF-1.7\n");
        mark = 0;
        for (var i = 0; i < objects.Length; i++)
        {
            offsets.Add(pdf.Length);
            Write($"{i + 1} 0 obj\n{objects[i]}");
            if (i == objects.Length - 1)
            {
                mark = (int)pdf.Length;
                pdf.Write(picture);
                Write("\nendstream");
            }

            Write("\nendobj\n");
        }

        var xref = pdf.Length;
        Write($"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets) Write($"{offset:D10} 00000 n \n");
        Write($"trailer<</Root 1 0 R/Size {objects.Length + 1}>>\nstartxref\n{xref}\n%%EOF\n");
        return pdf.ToArray();

        void Write(string text) => pdf.Write(Encoding.Latin1.GetBytes(text));
    }
}
