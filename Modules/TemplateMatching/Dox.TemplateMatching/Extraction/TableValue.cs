using System.Globalization;
using Dox.TemplateMatching.Contracts;

namespace Dox.TemplateMatching.Extraction;

/// <summary>Rows as the value of a field.</summary>
internal static class TableValue
{
    public const string Type = "table";

    /// <summary>How many rows there are is its value; null where there are none.</summary>
    public static ExtractedField? Of(IReadOnlyList<IReadOnlyDictionary<string, ExtractedField>> rows, string? anchor)
    {
        if (rows.Count == 0) return null;
        var cells = rows.SelectMany(r => r.Values).ToList();
        var page = cells[0].Page;
        var boxes = cells.Where(c => c.Page == page).Select(c => c.Box).OfType<IReadOnlyList<double>>().ToList();
        var (left, top) = boxes.Count == 0 ? (0, 0) : (boxes.Min(b => b[0]), boxes.Min(b => b[1]));
        return new(
            rows.Count.ToString(CultureInfo.InvariantCulture), string.Join('\n', rows.Select(r => string.Join(" | ", r.Values.Select(c => c.Raw)))), Type,
            Math.Round(cells.Average(c => c.Confidence), 3), page,
            boxes.Count == 0 ? null : [left, top, Math.Round(boxes.Max(b => b[0] + b[2]) - left, 4), Math.Round(boxes.Max(b => b[1] + b[3]) - top, 4)], anchor,
            Rows: rows);
    }
}
