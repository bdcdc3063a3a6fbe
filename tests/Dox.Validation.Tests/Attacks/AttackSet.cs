using System.Text;
using Dox.SharedKernel.Tests.Reading;
using Dox.Testing.Servers;
using Dox.Validation.Contracts;
using Dox.Validation.Tests.Hosting;
using SkiaSharp;

namespace Dox.Validation.Tests.Attacks;

/// <summary>All attacks, by what they try.</summary>
internal static class AttackSet
{
    private static readonly byte[] s_virus = TestVirus.ToBytes();

    public static IReadOnlyList<(string Title, Attack[] Attacks)> Groups { get; } =
    [
        ("Viruses", [
            new("The test virus as it is", "letter.pdf", () => s_virus, FinalStatus.MimeTypeNotAllowed, 415, ["content_type_not_allowed", "infected"], "It is no document; the scan's finding is told with it, and an upload's bytes go to quarantine."),
            new("Zipped", "letter.zip", () => TestFiles.Zip("virus.com", s_virus), FinalStatus.ExtensionNotAllowed, 415, ["extension_not_allowed", "infected"], "Archives aren't taken; the scanner looks into this one."),
            new("20 zips deep", "letter.zip", () => Bombs.Nested(s_virus, 20), FinalStatus.ExtensionNotAllowed, 415, ["extension_not_allowed", "unscannable"], "Over 10 archives in each other aren't sent to the scanner, which would call them clean over its own depth."),
            new("In a PDF's attachment", "letter.pdf", () => TestFiles.WithAttachment("delivery.txt", s_virus), FinalStatus.Infected, 422, ["infected"], "The scanner looks into attachments."),
            new("In a zip in a PDF's attachment", "letter.pdf", () => TestFiles.WithAttachment("delivery.zip", TestFiles.Zip("a.com", s_virus)), FinalStatus.Infected, 422, ["infected"], "The archive is measured, then scanned."),
            new("At the end of a PDF of 49 MB", "letter.pdf", () => LargePdf(s_virus), FinalStatus.Infected, 422, ["infected"], "The scanner's limits are above ours, which its self-test proves."),
            new("In an encrypted zip", "letter.zip", () => Bombs.EncryptedZip(s_virus), FinalStatus.ExtensionNotAllowed, 415, ["extension_not_allowed", "unscannable"], "Nobody can look into it: that isn't clean."),
            new("In an encrypted zip in a PDF's attachment", "letter.pdf", () => TestFiles.WithAttachment("a.zip", Bombs.EncryptedZip(s_virus)), FinalStatus.Unscannable, 422, ["unscannable"], "The same, in something that would be taken."),
            new("In an archive that only the scanner opens", "letter.7z", () => [(byte)'7', (byte)'z', 0xbc, 0xaf, 0x27, 0x1c, 0, 4, .. s_virus], FinalStatus.ExtensionNotAllowed, 415, ["extension_not_allowed", "unscannable"], "What it expands to can't be told beforehand, so it isn't sent to the scanner."),
        ]),
        ("Bombs", [
            new("1 GiB of zeros as zip", "letter.zip", () => Bombs.Zip(Bombs.Gigabyte), FinalStatus.ExtensionNotAllowed, 415, ["unscannable"], "Its directory says how large it is; nothing is inflated."),
            new("1 GiB of zeros as zip that says it were small", "letter.zip", () => Bombs.LyingZip(Bombs.Gigabyte, 1000), FinalStatus.ExtensionNotAllowed, 415, ["unscannable"], "Inflated up to 100 times its size, without keeping anything, and given up there."),
            new("1 GiB of zeros as gzip", "letter.gz", () => Bombs.Gzip(Bombs.Gigabyte), FinalStatus.ExtensionNotAllowed, 415, ["unscannable"], "The same."),
            new("1 GiB of zeros as a PDF's stream", "letter.pdf", () => Bombs.Pdf(Bombs.Gigabyte), FinalStatus.Unscannable, 422, ["unscannable", "document_too_large"], "Streams are counted before anything opens them, and before the scanner gets them."),
            new("300 MB of zeros in a stream that the PDF's cross-reference leaves out", "letter.pdf", () => HostilePdf.LooseBomb(300 << 20), FinalStatus.Unscannable, 422, ["unscannable", "document_too_large"], "No viewer inflates it, the scanner would: streams are looked for in the bytes too."),
            new("300 MB of zeros in a PDF that doesn't open", "letter.pdf", () => HostilePdf.Ruin("/Filter/FlateDecode", HostilePdf.Zeros(300 << 20)), FinalStatus.Unscannable, 422, ["unscannable", "document_too_large"], "The same."),
            new("A PDF that overflows the reader's stack", "letter.pdf", HostilePdf.StackEater, FinalStatus.Unscannable, 422, ["unscannable", "unreadable"], "It costs one child process. What it would inflate to isn't known then, so the scanner doesn't get it; nor one that its reader doesn't end with in 5 s."),
            new("A bomb in a zip in a PDF's attachment", "letter.pdf", () => TestFiles.WithAttachment("a.zip", Bombs.Zip(300 << 20)), FinalStatus.Unscannable, 422, ["unscannable"], "Archives in attachments are measured as those outside."),
            new("Zip entries that overlap", "letter.zip", () => Bombs.OverlappingZip(500), FinalStatus.ExtensionNotAllowed, 415, ["unscannable"], "Entries that share their bytes have no other use."),
            new("A zip with two directories", "letter.zip", Bombs.TwoFacedZip, FinalStatus.ExtensionNotAllowed, 415, ["unscannable"], "Two programs would see two archives."),
            new("A picture of 5000 × 5000", "scan.png", () => TestFiles.Image(SKEncodedImageFormat.Png, 5000, 5000), FinalStatus.FormatInvalid, 422, ["image_too_large"], "Over IMAGE_MAX_WIDTH and IMAGE_MAX_HEIGHT; told by its header."),
            new("A picture of 60000 × 60000", "scan.png", HugePicture, FinalStatus.FormatInvalid, 422, ["image_too_large"], "The same: its 14 GB are never decoded."),
        ]),
        ("Two types at once", [
            new("PDF and ZIP", "letter.pdf", () => [.. TestFiles.Pdf(), .. TestFiles.Zip("a.txt", "a"u8.ToArray())], FinalStatus.MimeTypeNotAllowed, 415, ["polyglot"], "An archive program opens it by its end."),
            new("PDF and program", "letter.pdf", () => [.. TestFiles.Pdf(), .. TestFiles.Program()], FinalStatus.MimeTypeNotAllowed, 415, ["polyglot"], "A program behind the document's end."),
            new("Program and PDF", "letter.pdf", () => [.. TestFiles.Program(), .. TestFiles.Pdf()], FinalStatus.MimeTypeNotAllowed, 415, ["content_type_not_allowed", "polyglot"], "What stands at the start is what it is."),
            new("PDF and HTML", "letter.pdf", () => [.. TestFiles.Pdf(), .. "<html><script>alert(1)</script>"u8], FinalStatus.MimeTypeNotAllowed, 415, ["polyglot"], "A browser that guesses types runs it."),
            new("HTML and PDF", "letter.pdf", () => [.. "text <SCRIPT>alert(1)</SCRIPT> "u8, .. TestFiles.Pdf()], FinalStatus.MimeTypeNotAllowed, 415, ["polyglot"], "A PDF may start within its first 1024 bytes; what stands before is looked at."),
            new("PNG and JAR", "scan.png", () => [.. TestFiles.Image(SKEncodedImageFormat.Png), .. TestFiles.Zip("META-INF/MANIFEST.MF", [])], FinalStatus.MimeTypeNotAllowed, 415, ["polyglot"], "Java opens it by its end."),
        ]),
        ("Documents that act", [
            new("JavaScript behind an escaped name", "letter.pdf", () => TestFiles.Pdf("/OpenAction<</S/J#61vaScript/J#53(app.alert\\(1\\))>>"), FinalStatus.Infected, 422, ["infected", "active_content"], "The scanner takes offence at the hiding; the format step decodes names before it compares them."),
            new("JavaScript in an object stream", "letter.pdf", ScriptInObjectStream, FinalStatus.FormatInvalid, 422, ["active_content"], "Object streams are opened."),
            new("JavaScript in a PDF within the PDF", "letter.pdf", () => TestFiles.WithAttachment("inner.pdf", TestFiles.Pdf("/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>")), FinalStatus.FormatInvalid, 422, ["active_content"], "Attachments go through the same checks, two levels deep."),
            new("Launch", "letter.pdf", () => TestFiles.Pdf("/OpenAction<</S/Launch/F(cmd.exe)>>"), FinalStatus.FormatInvalid, 422, ["active_content"], "Nothing that comes in starts programs."),
            new("A program in an attachment", "letter.pdf", () => TestFiles.WithAttachment("invoice.exe", TestFiles.Program()), FinalStatus.FormatInvalid, 422, ["embedded_file"], "Programs never are fine."),
            new("A form that sends itself away", "letter.pdf", () => TestFiles.Pdf("", "/Annots[<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/A<</S/SubmitForm/F(http://example.com)>>>>]"), FinalStatus.Valid, 200, ["active_content"], "Told as a warning; Dox:Validation:ActiveContent:SubmitForm changes that."),
            new("A link into another document", "letter.pdf", () => TestFiles.Pdf("/OpenAction<</S/GoToR/F(\\\\\\\\server\\\\share\\\\a.pdf)>>"), FinalStatus.Valid, 200, ["active_content"], "The same."),
            new("An XFA form", "letter.pdf", () => TestFiles.Pdf("/AcroForm<</Fields[]/XFA(<xdp/>)>>"), FinalStatus.Valid, 200, ["active_content"], "The same."),
            new("Opening at a page", "letter.pdf", () => TestFiles.Pdf("/OpenAction[3 0 R/Fit]"), FinalStatus.Valid, 200, [], "Harmless, and usual."),
            new("An e-invoice's XML", "letter.pdf", () => TestFiles.WithAttachment("factur-x.xml", "<?xml version=\"1.0\"?><a/>"u8.ToArray()), FinalStatus.Valid, 200, [], "Harmless, and meant to be there."),
        ]),
        ("Locked and broken", [
            new("An owner's password", "letter.pdf", () => TestPdf.WithPage().Encrypt(opensWithEmptyPassword: true).Build(), FinalStatus.Valid, 200, ["pdf_empty_password"], "Opens without a password, as in every viewer."),
            new("A user's password", "letter.pdf", () => TestPdf.WithPage().Encrypt(opensWithEmptyPassword: false).Build(), FinalStatus.Unscannable, 422, ["unscannable", "password_required"], "Nobody can look into it; the finding asks for it without its password."),
            new("Encrypted for certain people", "letter.pdf", () => TestPdf.WithPage().EncryptForRecipients().Build(), FinalStatus.Unscannable, 422, ["unscannable", "encryption_unsupported"], "Nobody here has their keys."),
            new("A truncated PNG", "scan.png", () => Half(TestFiles.Image(SKEncodedImageFormat.Png, 300, 300)), FinalStatus.FormatInvalid, 422, ["format_broken"], "Pictures are decoded to their end."),
            new("A truncated JPEG", "scan.jpg", () => Half(TestFiles.Image(SKEncodedImageFormat.Jpeg, 300, 300)), FinalStatus.FormatInvalid, 422, ["format_broken"], "The same."),
            new("A truncated TIFF", "scan.tif", () => TestFiles.Tiff()[..^20], FinalStatus.FormatInvalid, 422, ["format_broken"], "The same."),
            new("A truncated PDF, its pages lost", "letter.pdf", () => TestFiles.Pdf()[..120], FinalStatus.FormatInvalid, 422, ["format_broken"], "Repaired where a page can be read, refused where none can."),
            new("A header and nothing else", "letter.pdf", () => "%PDF-1.7\n"u8.ToArray(), FinalStatus.FormatInvalid, 422, ["format_broken"], "A header proves nothing."),
            new("Nothing", "letter.pdf", () => [], FinalStatus.SizeExceeded, 413, ["file_empty"], "1 byte at least."),
        ]),
        ("Names", [
            new("A path", "../../etc/cron.d/letter.pdf", () => TestFiles.Pdf(), FinalStatus.Valid, 200, [], "Path parts are stripped; names are metadata, and never a path."),
            new("A path of Windows", "C:\\Windows\\System32\\letter.pdf", () => TestFiles.Pdf(), FinalStatus.Valid, 200, [], "The same."),
            new("A direction override", "letter\u202efdp.exe", () => TestFiles.Pdf(), FinalStatus.ExtensionNotAllowed, 415, ["extension_not_allowed"], "Reads as letterexe.pdf; stripped, it is .exe."),
            new("A device of Windows", "con.pdf", () => TestFiles.Pdf(), FinalStatus.Valid, 200, [], "Kept as _con.pdf."),
            new("A double extension", "letter.exe.pdf", () => TestFiles.Pdf(), FinalStatus.ExtensionNotAllowed, 415, ["double_extension"], "Every extension of a name counts."),
            new("Another type's name", "letter.png", () => TestFiles.Pdf(), FinalStatus.MimeTypeNotAllowed, 415, ["extension_mismatch"], "Name and content must agree."),
        ]),
    ];

    private static byte[] Half(byte[] file) => file[..(file.Length / 2)];

    private static byte[] LargePdf(byte[] end)
    {
        var noise = new byte[48 * 1024 * 1024];
        new Random(1).NextBytes(noise);
        var pdf = TestPdf.WithPage();
        pdf.AddStream("", noise);
        pdf.AddStream("/Type/EmbeddedFile", end);
        return pdf.Build();
    }

    private static byte[] ScriptInObjectStream()
    {
        var pdf = TestPdf.WithPage();
        var action = pdf.Add("<</S/JavaScript/JS(app.alert\\(1\\))>>");
        pdf.Catalog($"/OpenAction {action} 0 R");
        return pdf.BuildWithObjectStream(2, 3, 5, action);
    }

    // The header says so; there are no such pixels behind it
    private static byte[] HugePicture()
    {
        var png = TestFiles.Image(SKEncodedImageFormat.Png);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 60_000);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 60_000);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc(png.AsSpan(12, 17)));
        return png;
    }

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }

    /// <summary>The table, as it stands in the docs.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder();
        text.Append("# What hostile files get\n\n");
        text.Append("Generated by the tests from the set that they send (`tests/Dox.Validation.Tests/Attacks`): every row is a file that is made when the tests run, and sent to\n");
        text.Append("`POST /api/v1/validate/file` with a real ClamAV behind it. None of these files is in the repository. All findings are answered at once; the first failing\n");
        text.Append("step names the status. An upload gets the same answers.\n");
        foreach (var (title, attacks) in Groups)
        {
            text.Append($"\n## {title}\n\n| what | sent as | gets | findings | why |\n|---|---|---|---|---|\n");
            foreach (var a in attacks)
                text.Append($"| {a.What} | `{Shown(a.Name)}` | {a.Http} `{ValidationTelemetry.Name(a.Status)}` | {string.Join(", ", a.Codes.Select(c => $"`{c}`"))} | {a.Why} |\n");
        }

        text.Append("\n## What bombs cost\n\n");
        text.Append("`dotnet run -c Release --project tests/Dox.Benchmarks -- attack` sends the first four bombs to a host in a process of its own, and has the kernel say what that\n");
        text.Append("and the process that opens documents held at most: together they may take on 50 MB, and the answer may take 100 ms. Measured: 1.3 MB for an archive, 1.1 MB\n");
        text.Append("for the PDF, beside the 74 to 79 MB that the reader holds at rest with its runtime; 20 to 82 ms, by a debug build on two busy cores.\n");
        return text.ToString();
    }

    private static string Shown(string name) => name.Replace("\u202e", "[U+202E]", StringComparison.Ordinal);
}
