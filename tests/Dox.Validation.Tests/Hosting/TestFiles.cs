using System.IO.Compression;
using System.Text;
using SkiaSharp;

namespace Dox.Validation.Tests.Hosting;

/// <summary>Small files of the types that are let in.</summary>
internal static class TestFiles
{
    /// <summary>A PDF of one page; more may be put into its catalog and page, and more objects from number 5 on.</summary>
    public static byte[] Pdf(string catalog = "", string page = "", params string[] more)
    {
        const string Content = "BT /F1 12 Tf 72 700 Td (A letter) Tj ET";
        string[] objects =
        [
            $"<</Type/Catalog/Pages 2 0 R{catalog}>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            $"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>{page}>>",
            $"<</Length {Content.Length}>>stream\n{Content}\nendstream", .. more,
        ];
        var pdf = new StringBuilder("%PDF-1.7\n");
        var offsets = new List<int>();
        for (var i = 0; i < objects.Length; i++)
        {
            offsets.Add(pdf.Length);
            pdf.Append($"{i + 1} 0 obj\n{objects[i]}\nendobj\n");
        }

        var xref = pdf.Length;
        pdf.Append($"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets) pdf.Append($"{offset:D10} 00000 n \n");
        pdf.Append($"trailer<</Root 1 0 R/Size {objects.Length + 1}>>\nstartxref\n{xref}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(pdf.ToString());
    }

    public static byte[] WithAttachment(string name, byte[] content) => Pdf(
        $"/Names<</EmbeddedFiles<</Names[({name})5 0 R]>>>>", "", $"<</Type/Filespec/F({name})/UF({name})/EF<</F 6 0 R>>>>",
        $"<</Type/EmbeddedFile/Length {content.Length}>>stream\n{Encoding.Latin1.GetString(content)}\nendstream");

    public static byte[] Image(SKEncodedImageFormat format, int width = 20, int height = 10)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Gray8, SKAlphaType.Opaque);
        bitmap.Erase(SKColors.White);
        using var data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    /// <summary>A black-and-white TIFF of 8 by 1 pixels.</summary>
    public static byte[] Tiff()
    {
        using var tiff = new MemoryStream();
        using var writer = new BinaryWriter(tiff);
        (ushort Tag, ushort Type, uint Value)[] tags =
        [
            (256, 3, 8), (257, 3, 1), (258, 3, 1), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 3, 1), (279, 4, 1),
        ];
        writer.Write("II*\0"u8);
        writer.Write(10);
        writer.Write((ushort)0x00aa);
        writer.Write((ushort)tags.Length);
        foreach (var (tag, type, value) in tags)
        {
            writer.Write(tag);
            writer.Write(type);
            writer.Write(1);
            writer.Write(value);
        }

        writer.Write(0);
        return tiff.ToArray();
    }

    public static byte[] Zip(string name, byte[] content)
    {
        using var archive = new MemoryStream();
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = zip.CreateEntry(name).Open())
        {
            entry.Write(content);
        }

        return archive.ToArray();
    }

    /// <summary>The shortest that passes for a program of Windows.</summary>
    public static byte[] Program()
    {
        var program = new byte[128];
        "MZ"u8.CopyTo(program);
        program[60] = 64;
        "PE\0\0"u8.CopyTo(program.AsSpan(64));
        return program;
    }
}
