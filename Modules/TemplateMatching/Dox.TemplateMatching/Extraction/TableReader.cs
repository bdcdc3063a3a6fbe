using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Extraction;

/// <summary>Reads a table by its header line: a column reaches to where its neighbours begin, a line with a value in a starting column begins a row.</summary>
internal static class TableReader
{
    private const double Certainty = 0.95;

    public static ExtractedField? Read(FieldDefinition field, DocumentWords document)
    {
        if (field.Table is not { } table) return null;
        var rows = new List<IReadOnlyDictionary<string, ExtractedField>>();
        var below = -1;
        foreach (var start in table.Start.SelectMany(s => Occurrence.Of(s, document)).OrderBy(o => o.First.Position))
        {
            if ((field.Page is { } page && start.Page != page) || start.First.Line <= below) continue;
            if (Bands(table, document.Lines[start.First.Line]) is not { } bands) continue;
            below = Add(rows, field, table, document, bands, start);
            if (rows.Count >= LayoutRows.MaxRows) break;
        }

        return TableValue.Of(rows, table.Start[0].Text);
    }

    // Headers that aren't on the line leave their column out; fewer than half of them make it another line.
    private static List<Band>? Bands(TableRule table, List<PlacedWord> line)
    {
        var found = new List<Band>();
        foreach (var column in table.Columns)
        {
            if (column.Header.Select(h => On(h, line)).FirstOrDefault(r => r is not null) is { } at) found.Add(new(column, at.Left, at.Right));
        }

        if (found.Count * 2 < table.Columns.Count) return null;
        found.Sort((a, b) => a.Left.CompareTo(b.Left));
        return found;
    }

    private static (double Left, double Right)? On(Phrase header, List<PlacedWord> line)
    {
        for (var i = 0; i + header.Tokens.Length <= line.Count; i++)
        {
            if (header.Tokens.Select((t, n) => line[i + n].Token == t).All(same => same)) return (line[i].Box.Left, line[i + header.Tokens.Length - 1].Box.Right);
        }

        return null;
    }

    private static int Add(
        List<IReadOnlyDictionary<string, ExtractedField>> rows, FieldDefinition field, TableRule table, DocumentWords document, List<Band> bands, Occurrence start)
    {
        var end = table.End.SelectMany(e => Occurrence.Of(e, document)).Where(o => o.Page == start.Page && o.First.Line > start.First.Line)
            .Select(o => o.First.Line).DefaultIfEmpty(document.Lines.Count).Min();
        var row = new List<(TableColumn Column, List<PlacedWord> Words)>();
        var line = start.First.Line + 1;
        for (; line < end && document.Lines[line][0].Page == start.Page && rows.Count < LayoutRows.MaxRows; line++)
        {
            var cells = Cells(document.Lines[line], bands);
            if (cells.Exists(c => c.Column.Starts)) Close();
            else if (row.Count == 0) continue; // before the first row: a second line of headers
            foreach (var (column, words) in cells)
            {
                var at = row.FindIndex(c => c.Column == column);
                if (at < 0) row.Add((column, words));
                else row[at].Words.AddRange(words);
            }
        }

        Close();
        return line;

        void Close()
        {
            var cells = row.Select(c => (c.Column.Name, Value: Cell(c.Column, c.Words, field, document))).Where(c => c.Value is not null)
                .ToDictionary(c => c.Name, c => c.Value!, StringComparer.Ordinal);
            if (cells.Count > 0) rows.Add(cells);
            row = [];
        }
    }

    // Words that belong together go to one column: the one whose header they overlap most, else the nearest.
    private static List<(TableColumn Column, List<PlacedWord> Words)> Cells(List<PlacedWord> line, List<Band> bands)
    {
        var cells = new List<(TableColumn Column, List<PlacedWord> Words)>();
        for (var i = 0; i < line.Count;)
        {
            var last = i;
            while (last + 1 < line.Count && line[last].IsFollowedBy(line[last + 1]) && Nearest(line[last], bands) == Nearest(line[last + 1], bands)) last++;
            var (left, right) = (line[i].Box.Left, line[last].Box.Right);
            var band = bands.MinBy(b => (-b.Overlap(left, right), b.Distance(left, right)))!;
            var at = cells.FindIndex(c => c.Column == band.Column);
            if (at < 0) cells.Add((band.Column, line[i..(last + 1)]));
            else cells[at].Words.AddRange(line[i..(last + 1)]);
            i = last + 1;
        }

        return cells;
    }

    // A word between two headers belongs to the text that it stands in.
    private static Band? Nearest(PlacedWord word, List<Band> bands) => bands.Find(b => b.Overlap(word.Box.Left, word.Box.Right) > 0);

    private static ExtractedField? Cell(TableColumn column, List<PlacedWord> words, FieldDefinition field, DocumentWords document)
    {
        var found = new FoundText(words, null, Certainty);
        if (TypedValue.Find(column.Type, found.Text, field.Conventions) is not { } value) return null;
        var part = found.WordsOf(value.Start, value.Length);
        return new(
            value.Value, found.Text.Substring(value.Start, value.Length), FieldTypes.NameOf(column.Type), Math.Round(Certainty * value.Certainty, 3), part[0].Page,
            document.Fractions(part[0].Page, part.Select(w => w.Box).Aggregate((a, b) => a.With(b))), column.Header[0].Text);
    }

    private sealed record Band(TableColumn Column, double Left, double Right)
    {
        public double Overlap(double left, double right) => Math.Max(0, Math.Min(Right, right) - Math.Max(Left, left));

        public double Distance(double left, double right) => Math.Min(Math.Abs(left - Left), Math.Abs(right - Right));
    }
}
