using SkiaSharp;

namespace Dox.Host.Demo.Samples;

/// <summary>Names and places of an invoice's labels, which a company changes from time to time.</summary>
internal sealed record InvoiceLayout(
    string Title,
    float TitleY,
    float InfoX,
    string Number,
    string Date,
    string Delivery,
    string Customer,
    string Order,
    string Contact,
    IReadOnlyList<string> Columns,
    float TableY,
    string Net,
    string Vat,
    string Gross,
    bool ContactDetailsInFooter)
{
    public static InvoiceLayout Current { get; } = new(
        "Rechnung", 100, 125, "Rechnungsnummer", "Rechnungsdatum", "Lieferdatum", "Kundennummer", "Ihre Bestellung", "Ansprechpartner",
        ["Pos.", "Artikelnummer", "Bezeichnung", "Menge", "Einheit", "Einzelpreis", "Gesamtpreis"], 122,
        "Nettobetrag", "zzgl. 19 % Umsatzsteuer", "Rechnungsbetrag", ContactDetailsInFooter: false);

    /// <summary>As it was before the letterhead was redrawn: some labels have other names, some stood elsewhere.</summary>
    public static InvoiceLayout Earlier { get; } = Current with
    {
        InfoX = 118,
        Number = "Rechnungs-Nr.",
        Date = "Datum",
        Customer = "Kunden-Nr.",
        Columns = ["Pos.", "Art.-Nr.", "Bezeichnung", "Menge", "Einheit", "Preis", "Summe"],
        Gross = "Zahlbetrag",
        ContactDetailsInFooter = true,
    };
}

internal static class InvoicePage
{
    private static readonly SKColor Accent = new(0x0B, 0x5C, 0x6B);
    private static readonly SKColor Grey = new(0x5F, 0x6B, 0x70);
    private static readonly float[] ColumnX = [20, 30, 56, 131, 134, 164, 190];
    private static readonly bool[] ColumnRight = [false, false, false, true, false, true, true];

    public static byte[] Write(NordwindOrder order, InvoiceLayout layout) => PageCanvas.WritePdf(
        $"Rechnung {order.InvoiceNumber}", "Nordwind Bürobedarf GmbH", order.InvoiceDate, page =>
        {
            Letterhead(page, layout);
            Addressee(page, order);
            Information(page, order, layout);
            page.Text(20, layout.TitleY, layout.Title, 17, bold: true, Accent);
            page.Text(20, layout.TitleY + 9, "Sehr geehrte Damen und Herren,", 9.5f);
            page.Text(20, layout.TitleY + 14, "vielen Dank für Ihren Auftrag. Wir berechnen Ihnen die folgenden Artikel:", 9.5f);
            var end = Table(page, order, layout);
            Totals(page, order, layout, end);
            Footer(page, layout);
        });

    private static void Letterhead(PageCanvas page, InvoiceLayout layout)
    {
        page.Fill(0, 0, 210, 4, Accent);
        page.Circle(27, 20, 6.5f, 0.9f, Accent);
        page.Curve(0.9f, Accent, (21.5f, 22), (25, 17), (28, 20), (30, 22.5f), (33, 18.5f));
        page.Text(37, 20, "Nordwind", 19, bold: true, Accent);
        page.Text(37, 26, "Bürobedarf GmbH", 11, colour: Grey);
        if (layout.ContactDetailsInFooter)
            return;
        page.Lines(150, 15, 4.2f,
            ["Speicherkai 9", "20457 Hamburg", "Telefon 040 66969 120", "service@nordwind-buero.example", "www.nordwind-buero.example"], 8, Grey);
    }

    private static void Addressee(PageCanvas page, NordwindOrder order)
    {
        page.Text(20, 50, "Nordwind Bürobedarf GmbH · Speicherkai 9 · 20457 Hamburg", 6.5f, colour: Grey);
        page.Line(20, 51.2f, 85, 51.2f, 0.1f, Grey);
        page.Lines(20, 57, 5, order.Address, 10);
    }

    private static void Information(PageCanvas page, NordwindOrder order, InvoiceLayout layout)
    {
        (string Label, string Value)[] rows =
        [
            (layout.Number, order.InvoiceNumber),
            (layout.Date, SampleValues.GermanDate(order.InvoiceDate)),
            (layout.Delivery, SampleValues.GermanDate(order.DeliveryDate)),
            (layout.Customer, order.CustomerNumber),
            (layout.Order, order.OrderNumber),
            (layout.Contact, order.Contact),
        ];
        var y = 57f;
        foreach (var (label, value) in rows)
        {
            page.Text(layout.InfoX, y, label, colour: Grey);
            page.RightText(190, y, value, bold: label == layout.Number);
            y += 5.4f;
        }
    }

    private static float Table(PageCanvas page, NordwindOrder order, InvoiceLayout layout)
    {
        var y = layout.TableY;
        page.Fill(18, y - 4.8f, 174, 7, new SKColor(0xE3, 0xEF, 0xF1));
        Row(page, y, layout.Columns, bold: true);
        y += 8.5f;
        foreach (var (index, item) in order.Items.Index())
        {
            Row(page, y,
            [
                $"{index + 1}", item.Number, item.Text, $"{item.Quantity}", item.Unit,
                SampleValues.Euro(item.Price), SampleValues.Euro(item.Total),
            ]);
            page.Line(18, y + 2.4f, 192, y + 2.4f, 0.1f, new SKColor(0xC8, 0xD2, 0xD5));
            y += 7.2f;
        }

        return y;
    }

    private static void Row(PageCanvas page, float y, IReadOnlyList<string> cells, bool bold = false)
    {
        for (var column = 0; column < cells.Count; column++)
            page.Text(ColumnX[column], y, cells[column], 8.5f, bold, align: ColumnRight[column] ? SKTextAlign.Right : SKTextAlign.Left);
    }

    private static void Totals(PageCanvas page, NordwindOrder order, InvoiceLayout layout, float y)
    {
        y += 2;
        page.Text(128, y, layout.Net);
        page.RightText(190, y, SampleValues.Euro(order.Net));
        page.Text(128, y + 6, layout.Vat);
        page.RightText(190, y + 6, SampleValues.Euro(order.Vat));
        page.Line(128, y + 8.4f, 192, y + 8.4f, 0.4f, Accent);
        page.Text(128, y + 13.5f, layout.Gross, 11, bold: true);
        page.RightText(190, y + 13.5f, SampleValues.Euro(order.Gross), 11, bold: true);
        page.Line(128, y + 16, 192, y + 16, 0.4f, Accent);
        page.Text(20, y + 28, $"Zahlbar ohne Abzug bis zum {SampleValues.GermanDate(order.DueDate)}. Bitte nennen Sie bei Zahlung den Betreff.");
        page.Text(20, y + 33, "Die Ware bleibt bis zur vollständigen Bezahlung unser Eigentum.");
    }

    private static void Footer(PageCanvas page, InvoiceLayout layout)
    {
        var iban = "IBAN " + SampleValues.Iban("DE", "370400440532013000");
        page.Line(20, 270, 190, 270, 0.2f, Accent);
        string[] company = ["Nordwind Bürobedarf GmbH", "Sitz der Gesellschaft: Hamburg", "Geschäftsführung: Max Muster"];
        string[] register = ["Amtsgericht Musterstadt HRB 00000", "USt-IdNr. DE123456788", "Steuernummer 00/000/00000"];
        string[] bank = ["Bankverbindung: Musterbank", iban, "Gläubiger-ID DE98ZZZ09999999999"];
        string[] service = ["Telefon 040 66969 120", "service@nordwind-buero.example", "www.nordwind-buero.example"];
        string[][] columns = layout.ContactDetailsInFooter ? [bank, company, service] : [company, register, bank];
        float[] x = [20, 80, 137];
        foreach (var (index, column) in columns.Index())
            page.Lines(x[index], 275, 4, column, 7, Grey);
    }
}
