using Dox.DocumentReading;
using UglyToad.PdfPig.AcroForms;
using UglyToad.PdfPig.AcroForms.Fields;

namespace Dox.DocumentReader.Pdf;

/// <summary>Form fields by full name.</summary>
internal static class FormFields
{
    private const int MaxValue = 4_000;

    public static IEnumerable<FormField> Read(AcroForm form, IReadOnlyDictionary<int, PageFrame> frames)
    {
        var open = new Stack<(AcroFieldBase Field, string Parents)>(form.Fields.Reverse().Select(f => (f, "")));
        while (open.TryPop(out var next))
        {
            var part = next.Field.Information.PartialName;
            var name = string.IsNullOrEmpty(part) ? next.Parents : next.Parents.Length == 0 ? part : $"{next.Parents}.{part}";
            if (next.Field is AcroNonTerminalField parent)
            {
                foreach (var child in parent.Children.Reverse()) open.Push((child, name));
                continue;
            }

            var page = next.Field.PageNumber;
            PageBox? box = page is { } number && next.Field.Bounds is { } bounds && frames.TryGetValue(number, out var frame)
                ? frame.BoxOfUserSpace(bounds)
                : null;
            yield return new FormField(name, TypeOf(next.Field), ValueOf(next.Field), page, box);
        }
    }

    private static string TypeOf(AcroFieldBase field) => field.FieldType switch
    {
        AcroFieldType.Text => "text",
        AcroFieldType.Checkbox or AcroFieldType.Checkboxes => "checkbox",
        AcroFieldType.RadioButton or AcroFieldType.RadioButtons => "radio",
        AcroFieldType.ComboBox => "combo",
        AcroFieldType.ListBox => "list",
        AcroFieldType.PushButton => "button",
        AcroFieldType.Signature => "signature",
        _ => "unknown",
    };

    private static string? ValueOf(AcroFieldBase field)
    {
        var value = field switch
        {
            AcroTextField text => text.Value,
            AcroCheckboxField box => box.CurrentValue?.Data,
            AcroRadioButtonField button => button.CurrentValue?.Data,
            AcroComboBoxField combo => Join(combo.SelectedOptions),
            AcroListBoxField list => Join(list.SelectedOptions),
            _ => null,
        };
        return value is null ? null : value[..Math.Min(value.Length, MaxValue)];
    }

    private static string? Join(IReadOnlyList<string> options) => options.Count == 0 ? null : string.Join("; ", options);
}
