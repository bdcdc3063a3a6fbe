using System.Text.RegularExpressions;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Extraction;

/// <summary>Reads rows by expressions over the laid-out pages: one begins a row, one adds to it, one ends it.</summary>
internal sealed class LayoutRows(LayoutValues layout, ExpressionRuns runs)
{
    public const int MaxRows = 2_000;

    public ExtractedField? Read(FieldDefinition field)
    {
        var rows = new List<IReadOnlyDictionary<string, ExtractedField>>();
        foreach (var rule in field.Rows) rows.AddRange(Rows(field, rule).Take(MaxRows - rows.Count));
        return TableValue.Of(rows, null);
    }

    private IEnumerable<IReadOnlyDictionary<string, ExtractedField>> Rows(FieldDefinition field, RowsRule rule)
    {
        if (layout.Between(layout.Text(field.Page, field.Region), rule.Start, rule.End, field.Name) is not { } text) yield break;
        var row = new Row(this, field, rule);
        foreach (var line in layout.Lines(text, rule.Separator, field.Name))
        {
            if (First(rule.SkipLine, line, field) is not null) continue;
            if (First(rule.FirstLine, line, field) is { } begin)
            {
                if (row.Take() is { } before) yield return before;
                row.Add(begin, line);
            }
            else if (First(rule.LastLine, line, field) is { } last)
            {
                if (rule.FirstLine.Count > 0 && row.IsEmpty) continue;
                row.Add(last, line);
                if (row.Take() is { } ended) yield return ended;
            }
            else if (First(rule.Line, line, field) is { } more)
            {
                // Where rows have a beginning, what stands before the first or behind the end of one is no row.
                if (rule.FirstLine.Count > 0 && row.IsEmpty) continue;
                row.Add(more, line);
                if (rule.FirstLine.Count == 0 && rule.LastLine.Count == 0 && row.Take() is { } single) yield return single;
            }
        }

        if (row.Take() is { } open) yield return open;
    }

    private Match? First(IReadOnlyList<Expression> expressions, PreparedText line, FieldDefinition field)
    {
        foreach (var expression in expressions)
        {
            if (runs.First(expression, line.Text, field.Name) is { } match) return match;
        }

        return null;
    }

    private sealed class Row(LayoutRows rows, FieldDefinition field, RowsRule rule)
    {
        private readonly Dictionary<string, List<(string Raw, PreparedText Line, int Start)>> _cells = new(StringComparer.Ordinal);

        public bool IsEmpty => _cells.Count == 0;

        public void Add(Match match, PreparedText line)
        {
            foreach (var group in match.Groups.Cast<Group>().Where(g => !char.IsAsciiDigit(g.Name[0])))
            {
                if (!_cells.TryGetValue(group.Name, out var parts)) _cells[group.Name] = parts = [];
                if (group.Success && !string.IsNullOrWhiteSpace(group.Value)) parts.Add((group.Value, line, group.Index));
            }
        }

        public Dictionary<string, ExtractedField>? Take()
        {
            var cells = new Dictionary<string, ExtractedField>(StringComparer.Ordinal);
            foreach (var (name, parts) in _cells.Where(c => c.Value.Count > 0))
            {
                var type = rule.Types.GetValueOrDefault(name);
                var values = parts.Select(p => rows.Value(p.Raw, type, field, p.Line, p.Start)).OfType<ExtractedField>().ToList();
                if (values.Count == 0) continue;
                cells[name] = values[0] with
                {
                    Value = string.Join('\n', values.Select(v => v.Value)),
                    Raw = string.Join('\n', values.Select(v => v.Raw)),
                    Confidence = values.Min(v => v.Confidence),
                };
            }

            _cells.Clear();
            return cells.Count == 0 ? null : cells;
        }
    }

    private ExtractedField? Value(string raw, FieldType type, FieldDefinition field, PreparedText line, int start) =>
        layout.Value(raw, type, field.Conventions, line, start);
}
