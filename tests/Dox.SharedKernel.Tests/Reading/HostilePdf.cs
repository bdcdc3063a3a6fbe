using System.Text;

namespace Dox.SharedKernel.Tests.Reading;

/// <summary>Documents that are made to hurt whoever opens them.</summary>
internal static class HostilePdf
{
    /// <summary>So many bytes of zeros, deflated.</summary>
    public static byte[] Zeros(long bytes) => TestPdf.Deflated(new ZeroStream(bytes));

    /// <summary>A stream that inflates to so many bytes of zeros.</summary>
    public static byte[] Bomb(long bytes)
    {
        var pdf = TestPdf.WithPage();
        pdf.AddStream("/Filter/FlateDecode", Zeros(bytes));
        return pdf.Build();
    }

    /// <summary>The same, in a stream that the cross-reference doesn't name: no viewer inflates it, a scanner does.</summary>
    public static byte[] LooseBomb(long bytes) => TestPdf.WithPage().Build(after: Loose("/Filter/FlateDecode", Zeros(bytes)));

    /// <summary>No catalog and no pages, and so nothing that opens; but a stream that a scanner finds.</summary>
    /// <param name="dictionary">The stream's.</param>
    /// <param name="content">As it lies in the file.</param>
    public static byte[] Ruin(string dictionary, byte[] content) => TestPdf.Latin("%PDF-1.7\n" + Loose(dictionary, content));

    /// <summary>The page itself inflates to so many bytes.</summary>
    public static byte[] PageBomb(long bytes)
    {
        var pdf = TestPdf.WithPage(page: "/Contents 6 0 R");
        pdf.AddStream("/Filter/FlateDecode", Zeros(bytes));
        return pdf.Build();
    }

    /// <summary>A form that draws ten forms, each of which draws ten more: reading the page never ends.</summary>
    public static byte[] Endless()
    {
        const int Levels = 14;
        var pdf = TestPdf.WithPage("/X Do", resources: "/XObject<</X 6 0 R>>");
        for (var level = 0; level < Levels; level++)
        {
            var next = level == Levels - 1 ? "" : $"/Resources<</XObject<</X {7 + level} 0 R>>>>";
            pdf.AddStream(
                $"/Type/XObject/Subtype/Form/BBox[0 0 9 9]{next}",
                TestPdf.Latin(level == Levels - 1 ? "0 0 m" : string.Concat(Enumerable.Repeat("/X Do ", 10))));
        }

        return pdf.Build();
    }

    /// <summary>Two streams, each of which has the other for its length: PdfPig asks in a circle until the stack ends.</summary>
    public static byte[] StackEater()
    {
        var pdf = TestPdf.WithPage();
        pdf.Add("<</Length 7 0 R>>stream\nx\nendstream");
        pdf.Add("<</Length 6 0 R>>stream\nx\nendstream");
        return pdf.Build();
    }

    /// <summary>Letters upon letters: a page whose text takes gigabytes once it is read.</summary>
    public static byte[] MemoryEater()
    {
        var line = TestPdf.Latin(string.Concat(Enumerable.Repeat("(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj ", 600_000)));
        var pdf = TestPdf.WithPage(page: "/Contents 6 0 R");
        pdf.AddStream("/Filter/FlateDecode", TestPdf.Deflated([.. "BT /F1 12 Tf "u8, .. line, .. "ET"u8]));
        return pdf.Build();
    }

    private static string Loose(string dictionary, byte[] content) =>
        $"90 0 obj\n<<{dictionary}/Length {content.Length}>>stream\n{Encoding.Latin1.GetString(content)}\nendstream\nendobj\n";

    private sealed class ZeroStream(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, _left);
            Array.Clear(buffer, offset, read);
            _left -= read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
