namespace Dox.Host.Demo.Samples;

/// <summary>A letter that no template describes.</summary>
internal static class LetterPage
{
    public static byte[] Write(DateOnly date) => PageCanvas.WritePdf(
        "Kündigung Wartungsvertrag", "Erika Mustermann", date, page =>
        {
            page.Lines(25, 25, 5, ["Erika Mustermann", "Beispielallee 77", "04109 Leipzig"], 10.5f);
            page.Lines(25, 58, 5, ["Aufzugsdienst Muster KG", "Vertragsabteilung", "Hubweg 2", "04229 Leipzig"], 10.5f);
            page.RightText(185, 90, $"Leipzig, den {SampleValues.GermanDate(date)}", 10.5f);
            page.Text(25, 105, "Kündigung des Wartungsvertrags für unser Haus", 11, bold: true);
            page.Lines(25, 117, 6,
            [
                "Guten Tag,",
                "",
                "im Namen der Eigentümergemeinschaft kündige ich den Vertrag über die Wartung des Aufzugs",
                "zum nächsten möglichen Zeitpunkt. Die Versammlung hat dies einstimmig beschlossen; eine",
                "Abschrift des Beschlusses reiche ich auf Wunsch gern nach.",
                "",
                "Bitte bestätigen Sie mir schriftlich den Eingang dieses Schreibens und nennen Sie uns den Tag,",
                "an dem der Vertrag endet. Den Schlüssel zum Maschinenraum holen wir nach Absprache bei",
                "Ihnen ab. Für die gute Zusammenarbeit der vergangenen Jahre bedanken wir uns.",
                "",
                "Mit freundlichen Grüßen",
            ], 10.5f);
            page.Curve(0.45f, new(0x22, 0x22, 0x66), (27, 196), (30, 182), (33, 194), (36, 198), (41, 189), (47, 186), (52, 193), (60, 196), (72, 188));
            page.Text(25, 206, "Erika Mustermann", 10.5f);
        });
}
