using System.Globalization;
using System.Text.Json;
using Dox.DocumentReading;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;
using Dox.TemplateMatching.Templates.Import;

namespace Dox.TemplateMatching.Tests.Extraction;

/// <summary>A value that must be read, and what was.</summary>
/// <param name="Document">Its file's name.</param>
/// <param name="Field">The field's name.</param>
/// <param name="Expected">As the truth has it.</param>
/// <param name="Got">As it was read; null for not at all.</param>
/// <param name="IsRight">Whether they say the same.</param>
internal sealed record FieldVerdict(string Document, string Field, string Expected, string? Got, bool IsRight);

/// <summary>
/// Invoices with a text layer and foreign templates, all taken over by the importer: the template is told by keywords, and where they are in
/// a picture, as on one of the invoices, by the truth, as a person would. What is read is compared field by field.
/// </summary>
/// <param name="Values">Every value of every document.</param>
/// <param name="Templates">Templates that were taken over.</param>
/// <param name="ToldByKeywords">Documents whose template was told by its keywords, the right one.</param>
/// <param name="Documents">Documents.</param>
internal sealed record InvoiceFields(IReadOnlyList<FieldVerdict> Values, int Templates, int ToldByKeywords, int Documents)
{
    public int Right => Values.Count(v => v.IsRight);

    public IEnumerable<FieldVerdict> Misses => Values.Where(v => !v.IsRight);

    /// <param name="corpora">The folder with <c>invoices</c> and <c>invoice-templates</c>.</param>
    /// <param name="readers">Open the documents.</param>
    public static async Task<InvoiceFields> MeasureAsync(string corpora, DocumentReaderPool readers)
    {
        var templates = Import(corpora).Select(i => i.Template).OfType<TemplateDefinition>().ToList();
        var (values, byKeywords, documents) = (new List<FieldVerdict>(), 0, 0);
        foreach (var pdf in Directory.GetFiles(Path.Combine(corpora, "invoices"), "*.pdf").Order(StringComparer.Ordinal))
        {
            documents++;
            using var truth = JsonDocument.Parse(await File.ReadAllTextAsync(Path.ChangeExtension(pdf, ".json")));
            var expected = truth.RootElement[0];
            var document = DocumentWords.Of(await ReadAsync(pdf, readers));
            var told = KeywordMatch.Of(templates, document) is [var first, ..] ? first : null;
            var right = templates.Where(t => IsOf(t, expected)).ToList();
            if (told is not null && right.Contains(told)) byKeywords++;
            var result = (told ?? right.Find(_ => true)) is { } template ? FieldExtractor.Extract(template, document) : null;
            values.AddRange(expected.EnumerateObject().Select(e => Verdict(Path.GetFileName(pdf), e, result?.Fields.GetValueOrDefault(e.Name))));
        }

        return new(values, templates.Count, byKeywords, documents);
    }

    public static IReadOnlyList<ImportedTemplate> Import(string corpora) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(corpora, "invoice-templates"), "*.*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => ForeignTemplate.Import(File.ReadAllText(f), $"{Path.GetFileName(Path.GetDirectoryName(f))}.{Path.GetFileNameWithoutExtension(f)}", f)),
    ];

    public static async Task<DocumentText> ReadAsync(string pdf, DocumentReaderPool readers)
    {
        await using var stream = File.OpenRead(pdf);
        return await readers.ReadTextAsync(stream, stream.Length, "application/pdf", new TextLimits(), CancellationToken.None);
    }

    // The truth names its template's issuer in a sentence that every template says.
    private static bool IsOf(TemplateDefinition template, JsonElement expected) =>
        template.Fields.Any(f => f.Name == "desc" && f.Value == expected.GetProperty("desc").GetString());

    private static FieldVerdict Verdict(string document, JsonProperty expected, ExtractedField? got) =>
        new(document, expected.Name, expected.Value.ToString(), Show(got), got is not null && Same(expected.Value, got));

    private static string? Show(ExtractedField? field) => field?.Rows is { } rows
        ? string.Join("; ", rows.Select(r => string.Join(", ", r.Select(c => $"{c.Key}={c.Value.Value}"))))
        : field?.Value;

    private static bool Same(JsonElement expected, ExtractedField got) => expected.ValueKind switch
    {
        JsonValueKind.Number => decimal.TryParse(got.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number == expected.GetDecimal(),
        JsonValueKind.Array when expected[0].ValueKind == JsonValueKind.Object =>
            got.Rows is { } rows && rows.Count == expected.GetArrayLength() && expected.EnumerateArray().Zip(rows).All(p => SameRow(p.First, p.Second)),
        JsonValueKind.Array => got.Values is { } values && values.SequenceEqual(expected.EnumerateArray().Select(v => v.ToString()), StringComparer.Ordinal),
        _ => Trimmed(got.Value) == Trimmed(expected.ToString()),
    };

    // An empty cell and one that isn't there are the same.
    private static bool SameRow(JsonElement expected, IReadOnlyDictionary<string, ExtractedField> row)
    {
        var cells = expected.EnumerateObject().Where(c => c.Value.ToString().Length > 0).ToList();
        return cells.Count == row.Count && cells.TrueForAll(c => row.TryGetValue(c.Name, out var cell) && Same(c.Value, cell));
    }

    private static string Trimmed(string text) => text.Trim();
}
