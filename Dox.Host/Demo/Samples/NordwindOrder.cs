namespace Dox.Host.Demo.Samples;

/// <summary>What one invoice of the fictional Nordwind Bürobedarf GmbH says.</summary>
internal sealed record NordwindOrder(
    string InvoiceNumber,
    DateOnly InvoiceDate,
    DateOnly DeliveryDate,
    string CustomerNumber,
    string OrderNumber,
    string Contact,
    IReadOnlyList<string> Address,
    IReadOnlyList<NordwindOrder.Item> Items)
{
    public const decimal VatRate = 0.19m;

    public decimal Net => Items.Sum(item => item.Total);

    public decimal Vat => decimal.Round(Net * VatRate, 2, MidpointRounding.AwayFromZero);

    public decimal Gross => Net + Vat;

    public DateOnly DueDate => InvoiceDate.AddDays(14);

    internal sealed record Item(string Number, string Text, int Quantity, string Unit, decimal Price)
    {
        public decimal Total => Quantity * Price;
    }

    public static NordwindOrder Draw(int seed, DateOnly latest)
    {
        var random = new Random(seed);
        var date = latest.AddDays(-random.Next(2, 30));
        var items = Enumerable.Range(0, random.Next(3, 8))
            .Select(_ => random.Pick(Articles))
            .DistinctBy(article => article.Number, StringComparer.Ordinal)
            .Select(article => article with { Quantity = random.Next(1, 25) })
            .ToArray();
        return new(
            $"RE-{date.Year}-{random.Next(10_000, 99_999)}",
            date,
            date.AddDays(-random.Next(1, 6)),
            $"K-{random.Next(20_000, 79_999)}",
            $"B{random.Next(100_000, 999_999)}",
            random.Pick(Contacts),
            random.Pick(Customers),
            items);
    }

    private static readonly IReadOnlyList<string> Contacts = ["Frau Muster", "Herr Beispiel", "Frau Probe"];

    private static readonly IReadOnlyList<IReadOnlyList<string>> Customers =
    [
        ["Ingenieurbüro Beispiel & Partner", "Einkauf", "Lindenweg 14", "22045 Hamburg"],
        ["Praxisgemeinschaft am Mustermarkt", "Verwaltung", "Musterplatz 3", "10999 Berlin"],
        ["Tischlerei Probe GmbH", "Buchhaltung", "An der Werft 27a", "28195 Bremen"],
        ["Musterverlag AG", "Rechnungsprüfung", "Verlagsstraße 101", "50667 Köln"],
        ["Stadtbücherei Beispielstadt", "Zentrale Dienste", "Rathausgasse 8", "01067 Dresden"],
    ];

    private static readonly IReadOnlyList<Item> Articles =
    [
        new("10-2201", "Kopierpapier A4, 80 g/m², weiß, 500 Blatt", 0, "Pack", 4.89m),
        new("10-2218", "Kopierpapier A3, 90 g/m², weiß, 500 Blatt", 0, "Pack", 11.40m),
        new("14-0310", "Aktenordner 80 mm, grau, mit Griffloch", 0, "Stück", 2.35m),
        new("14-0388", "Trennblätter 1–31, Karton", 0, "Satz", 3.79m),
        new("21-7703", "Kugelschreiber blau, Mine wechselbar", 0, "Stück", 1.15m),
        new("21-7790", "Textmarker, 4 Farben im Etui", 0, "Etui", 5.60m),
        new("33-1004", "Schreibtischleuchte LED, dimmbar", 0, "Stück", 48.90m),
        new("33-1530", "Bürodrehstuhl mit Armlehnen, schwarz", 0, "Stück", 219.00m),
        new("42-6001", "Versandtaschen C4, mit Fenster, 250 Stück", 0, "Karton", 27.45m),
        new("42-6077", "Paketband leise abrollend, 66 m", 0, "Rolle", 2.99m),
    ];
}
