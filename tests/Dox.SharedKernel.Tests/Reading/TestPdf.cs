using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Dox.SharedKernel.Tests.Reading;

/// <summary>Writes PDFs by hand, sound ones and others.</summary>
internal sealed class TestPdf
{
    private static readonly byte[] Padding = Convert.FromHexString("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A");
    private readonly List<byte[]> _objects = [];
    private string _catalog = "";
    private string _trailer = "";

    public static TestPdf WithPage(string drawing = "BT /F1 12 Tf 1 0 0 1 100 700 Tm (Hello) Tj ET", string page = "", string resources = "")
    {
        var pdf = new TestPdf();
        pdf.Add(""); // the catalog, written last
        pdf.Add("<</Type/Pages/Kids[3 0 R]/Count 1>>");
        var contents = page.Contains("/Contents", StringComparison.Ordinal) ? "" : "/Contents 4 0 R";
        pdf.Add($"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]{page}{contents}/Resources<</Font<</F1 5 0 R>>{resources}>>>>");
        pdf.AddStream("", Latin(drawing));
        pdf.Add("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
        return pdf;
    }

    public static byte[] Deflated(Stream content)
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true)) content.CopyTo(zlib);
        return compressed.ToArray();
    }

    public static byte[] Deflated(byte[] content) => Deflated(new MemoryStream(content));

    public static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);

    public int Add(string body)
    {
        _objects.Add(Latin(body));
        return _objects.Count;
    }

    public int AddStream(string dictionary, byte[] content)
    {
        _objects.Add([.. Latin($"<<{dictionary}/Length {content.Length}>>stream\n"), .. content, .. "\nendstream"u8]);
        return _objects.Count;
    }

    public TestPdf Catalog(string entries)
    {
        _catalog += entries;
        return this;
    }

    /// <summary>Locks it by the oldest of the standard schemes. Its own strings stay as they are: nobody looks at them.</summary>
    public TestPdf Encrypt(bool opensWithEmptyPassword)
    {
        var owner = SHA256.HashData("owner"u8);
        byte[] id = [.. Enumerable.Repeat((byte)7, 16)];
        var permissions = BitConverter.GetBytes(-44);
#pragma warning disable CA5351 // the scheme is what it is
        var key = MD5.HashData([.. Padding, .. owner, .. permissions, .. id])[..5];
#pragma warning restore CA5351
        var user = opensWithEmptyPassword ? Rc4(key, Padding) : SHA256.HashData("user"u8);
        for (var i = 0; i < _objects.Count; i++) EncryptStream(i, key);
        var keys = Add($"<</Filter/Standard/V 1/R 2/P -44/O<{Convert.ToHexString(owner)}>/U<{Convert.ToHexString(user)}>>>");
        _trailer += $"/Encrypt {keys} 0 R/ID[<{Convert.ToHexString(id)}><{Convert.ToHexString(id)}>]";
        return this;
    }

    public TestPdf EncryptForRecipients()
    {
        var keys = Add("<</Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s4/V 1/Recipients[<00>]>>");
        _trailer += $"/Encrypt {keys} 0 R/ID[<00><00>]";
        return this;
    }

    public byte[] Build(string before = "", string after = "", bool withEnd = true)
    {
        _objects[0] = Latin($"<</Type/Catalog/Pages 2 0 R{_catalog}>>");
        using var file = new MemoryStream();
        file.Write(Latin(before + "%PDF-1.7\n"));
        var offsets = new List<long>();
        for (var i = 0; i < _objects.Count; i++)
        {
            offsets.Add(file.Length - before.Length);
            file.Write(Latin($"{i + 1} 0 obj\n"));
            file.Write(_objects[i]);
            file.Write("\nendobj\n"u8);
        }

        var xref = file.Length - before.Length;
        file.Write(Latin($"xref\n0 {_objects.Count + 1}\n0000000000 65535 f \n"));
        foreach (var offset in offsets) file.Write(Latin($"{offset:D10} 00000 n \n"));
        file.Write(Latin($"trailer<</Root 1 0 R/Size {_objects.Count + 1}{_trailer}>>\nstartxref\n{xref}\n"));
        if (withEnd) file.Write("%%EOF\n"u8);
        file.Write(Latin(after));
        return file.ToArray();
    }

    /// <summary>The same with its plain objects within an object stream and a cross-reference stream, as version 1.5 brought.</summary>
    public byte[] BuildWithObjectStream(params int[] packed)
    {
        _objects[0] = Latin($"<</Type/Catalog/Pages 2 0 R{_catalog}>>");
        var (heads, bodies) = (new StringBuilder(), new StringBuilder());
        foreach (var number in packed)
        {
            heads.Append($"{number} {bodies.Length} ");
            bodies.Append(Encoding.Latin1.GetString(_objects[number - 1])).Append('\n');
        }

        var store = AddStream(
            $"/Type/ObjStm/N {packed.Length}/First {heads.Length}/Filter/FlateDecode", Deflated(Latin(heads.ToString() + bodies)));
        using var file = new MemoryStream();
        file.Write("%PDF-1.7\n"u8);
        var rows = new List<byte[]> { Row(0, 0, 0) };
        for (var i = 0; i < _objects.Count; i++)
        {
            if (packed.Contains(i + 1))
            {
                rows.Add(Row(2, store, Array.IndexOf(packed, i + 1)));
                continue;
            }

            rows.Add(Row(1, (int)file.Length, 0));
            file.Write(Latin($"{i + 1} 0 obj\n"));
            file.Write(_objects[i]);
            file.Write("\nendobj\n"u8);
        }

        var xref = (int)file.Length;
        rows.Add(Row(1, xref, 0));
        var table = Deflated([.. rows.SelectMany(r => r)]);
        file.Write(Latin(
            $"{rows.Count - 1} 0 obj\n<</Type/XRef/W[1 4 2]/Size {rows.Count}/Root 1 0 R/Filter/FlateDecode/Length {table.Length}>>stream\n"));
        file.Write(table);
        file.Write(Latin($"\nendstream\nendobj\nstartxref\n{xref}\n%%EOF\n"));
        return file.ToArray();

        static byte[] Row(int type, int second, int third) =>
            [(byte)type, (byte)(second >> 24), (byte)(second >> 16), (byte)(second >> 8), (byte)second, (byte)(third >> 8), (byte)third];
    }

    private void EncryptStream(int index, byte[] key)
    {
        var text = Encoding.Latin1.GetString(_objects[index]);
        var start = text.IndexOf("stream\n", StringComparison.Ordinal) + 7;
        var end = text.LastIndexOf("\nendstream", StringComparison.Ordinal);
        if (start < 7 || end < start) return;
        var number = index + 1;
#pragma warning disable CA5351 // the scheme is what it is
        var own = MD5.HashData([.. key, (byte)number, (byte)(number >> 8), (byte)(number >> 16), 0, 0])[..10];
#pragma warning restore CA5351
        _objects[index] = [.. _objects[index][..start], .. Rc4(own, _objects[index][start..end]), .. _objects[index][end..]];
    }

    private static byte[] Rc4(byte[] key, byte[] data)
    {
        var state = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        for (int i = 0, j = 0; i < 256; i++)
        {
            j = (j + state[i] + key[i % key.Length]) & 255;
            (state[i], state[j]) = (state[j], state[i]);
        }

        var result = new byte[data.Length];
        for (int n = 0, i = 0, j = 0; n < data.Length; n++)
        {
            i = (i + 1) & 255;
            j = (j + state[i]) & 255;
            (state[i], state[j]) = (state[j], state[i]);
            result[n] = (byte)(data[n] ^ state[(state[i] + state[j]) & 255]);
        }

        return result;
    }
}
