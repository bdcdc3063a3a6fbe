namespace Dox.Host.Demo.Samples;

/// <summary>Makes the documents of the demo. The same seed on the same day gives the same bytes.</summary>
internal static class SampleLibrary
{
    public const string InvoiceFamily = "example.nordwind.invoice";
    public const string ClaimFamily = "example.harbour.claim";

    public static IReadOnlyList<Sample> All(int seed, TimeProvider time) =>
    [
        Invoice(seed, time),
        Invoice(seed + 1, time),
        Claim(seed + 2, time),
        Claim(seed + 3, time),
        EarlierInvoice(seed + 4, time),
        Letter(time),
        Scan(seed + 5, time),
        Encrypted(seed + 6, time),
        Broken(seed + 7, time),
        TextNamedPdf(time),
        TestVirus(seed + 8, time),
    ];

    public static Sample Invoice(int seed, TimeProvider time)
    {
        var order = NordwindOrder.Draw(seed, Today(time));
        return new($"Rechnung_{order.InvoiceNumber}.pdf", Pdf, InvoicePage.Write(order, InvoiceLayout.Current),
            "invoice, German", Ending.Matched, InvoiceFamily);
    }

    public static Sample EarlierInvoice(int seed, TimeProvider time)
    {
        var order = NordwindOrder.Draw(seed, Today(time).AddYears(-3));
        return new($"Nordwind {order.InvoiceNumber} (alt).pdf", Pdf, InvoicePage.Write(order, InvoiceLayout.Earlier),
            "invoice, an older layout", Ending.HumanReview, InvoiceFamily);
    }

    public static Sample Claim(int seed, TimeProvider time)
    {
        var claim = MotorClaim.Draw(seed, Today(time));
        return new($"HM-204 {claim.PolicyNumber}.pdf", Pdf, ClaimPage.Write(claim),
            "motor claim form, English", Ending.Matched, ClaimFamily);
    }

    public static Sample Letter(TimeProvider time) => new("Kündigung Wartungsvertrag.pdf", Pdf, LetterPage.Write(Today(time)),
        "letter, of no known form", Ending.ManualSelection);

    public static Sample Scan(int seed, TimeProvider time) => new("scan_0001.png", "image/png", ScannedNote.Write(seed, Today(time)),
        "scanned delivery note (PNG)", Ending.ManualSelection);

    /// <summary>A scanner says that it can't look inside before the last step says that it doesn't open.</summary>
    public static Sample Encrypted(int seed, TimeProvider time) => new("payslip-protected.pdf", Pdf, EncryptedPdf.Write(seed, Today(time)),
        "payslip, wants a password", Ending.Refused)
    { RefusingSteps = ["virus_scan", "format_validation"] };

    /// <summary>What a download leaves that stopped at once: no page, and no catalog from which the rest could be repaired.</summary>
    public static Sample Broken(int seed, TimeProvider time) => new(
        "incomplete-download.pdf", Pdf, Invoice(seed, time).Content[..2048],
        "invoice, cut off after 2 KB", Ending.Refused)
    { RefusingSteps = ["format_validation"] };

    public static Sample TextNamedPdf(TimeProvider time) => new("meeting-notes.pdf", Pdf, System.Text.Encoding.UTF8.GetBytes(
        $"""
        Notes from {Today(time):d MMMM yyyy}

        - office chairs: three offers are in, the cheapest lacks arm rests
        - Nordwind sends the corrected invoice next week
        - archive room: keys are with reception
        """), "plain text named .pdf", Ending.Refused)
    { RefusingSteps = ["mime_type"] };

    public static Sample TestVirus(int seed, TimeProvider time)
    {
        var invoice = Invoice(seed, time);
        return invoice with
        {
            FileName = invoice.FileName.Replace(".pdf", " mit Anhang.pdf", StringComparison.Ordinal),
            Content = PdfAttachment.Add(invoice.Content, "Lieferdaten.txt", TestVirusText()),
            What = "invoice, test virus attached",
            Expectation = Ending.RefusedWhenScanned,
            RefusingSteps = ["virus_scan"],
        };
    }

    /// <summary>The harmless file that every scanner reports. In parts, so that no scanner reports this repository or its build.</summary>
    public static byte[] TestVirusText() => System.Text.Encoding.ASCII.GetBytes(string.Concat(
        @"X5O!P%@AP[4\PZX54(P^)7CC)7}", "$EICAR-STANDARD-", "ANTIVIRUS-TEST", "-FILE!$H+H*"));

    private const string Pdf = "application/pdf";

    private static DateOnly Today(TimeProvider time) => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
}
