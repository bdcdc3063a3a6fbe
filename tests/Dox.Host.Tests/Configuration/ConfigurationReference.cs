using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Dox.Host.Configuration;
using Dox.SharedKernel.Infrastructure.Modules;

namespace Dox.Host.Tests.Configuration;

/// <summary>Writes docs/reference/configuration.md from the table of flat variables, and from what options say of themselves.</summary>
internal static partial class ConfigurationReference
{
    public static string Markdown()
    {
        var text = new StringBuilder();
        text.Append(
            """
            # Configuration

            <!-- Written by Dox.Host.Tests (DOX_WRITE_DOCS=1): change the table in Dox.Host/Configuration/FlatVariables.cs, or the options, not this file. -->

            Read in this order, later ones winning: `appsettings.json` beside the program, variables of the form `Dox__Section__Key`, the flat variables below,
            arguments of the form `--Dox:Section:Key=value`. All of it is looked at when DOX starts: what is wrong is told in one message, and DOX ends with 78.
            A secret may be given as a file: `API_KEY_FILE` names a file that holds what `API_KEY` would.

            ## Flat variables

            """);
        foreach (var (section, variables) in FlatVariables.Sections)
        {
            text.Append($"\n### {section}\n\n| variable | meaning | values | default | key |\n|---|---|---|---|---|\n");
            foreach (var v in variables) text.Append($"| `{v.Name}` | {v.Meaning}{Note(v)} | {Values(v)} | {v.Default ?? ""} | {string.Join(", ", v.Keys.Select(k => $"`{k}`"))} |\n");
        }

        text.Append(
            """

            `OTEL_EXPORTER_OTLP_ENDPOINT` turns on the export of traces and metrics; it and the other `OTEL_…` variables are OpenTelemetry's own.

            ## All keys

            As a variable `Dox:Http:Port` is written `Dox__Http__Port`. Durations are written `00:00:30`.

            | key | meaning | default |
            |---|---|---|

            """);
        foreach (var (key, meaning, fallback) in Keys().OrderBy(k => k.Key, StringComparer.Ordinal)) text.Append($"| `{key}` | {meaning} | {fallback} |\n");
        return text.ToString();
    }

    private static string Note(FlatVariable v) =>
        (v.Secret ? " A secret." : "")
        + (v.Under is { } under ? $" Concerns `{under.Variable}={under.Value}` alone." : "")
        + string.Concat(v.Refused.Select(r => r.Value == "*" ? " Stops the start where it is set." : $" `{r.Value}` stops the start."));

    private static string Values(FlatVariable v) => v.Kind switch
    {
        VariableKind.Number => v.Max == int.MaxValue ? $"{v.Min} or more" : $"{v.Min} to {v.Max}",
        VariableKind.Flag => "true, false",
        VariableKind.Choice => string.Join(", ", v.Choices),
        VariableKind.List => "a list with commas",
        VariableKind.Path => "a path",
        _ => "text",
    };

    private static IEnumerable<(string Key, string Meaning, string Default)> Keys()
    {
        IEnumerable<Assembly> assemblies = [typeof(IModule).Assembly, typeof(DoxApplication).Assembly, .. Host.Modules.All.Select(m => m.GetType().Assembly)];
        foreach (var assembly in assemblies)
        {
            var docs = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member").ToDictionary(m => m.Attribute("name")!.Value, m => m.Element("summary"), StringComparer.Ordinal);
            foreach (var type in assembly.GetTypes().Where(t => t.Name.EndsWith("Options", StringComparison.Ordinal)))
            {
                if (!docs.TryGetValue($"T:{type.FullName}", out var summary) || SectionIn().Match(Words(summary)) is not { Success: true } section) continue;
                foreach (var key in KeysOf(type, section.Groups["section"].Value, docs)) yield return key;
            }
        }
    }

    private static IEnumerable<(string Key, string Meaning, string Default)> KeysOf(Type type, string section, Dictionary<string, XElement?> docs)
    {
        var made = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        {
            // Nested options have a section, and so lines, of their own.
            if (property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal) || (!property.CanWrite && !typeof(IList).IsAssignableFrom(property.PropertyType) && !property.PropertyType.Name.StartsWith("IList", StringComparison.Ordinal))) continue;
            var meaning = docs.TryGetValue($"P:{type.FullName}.{property.Name}", out var summary) ? Words(summary) : "";
            yield return ($"{section}:{property.Name}", meaning, Written(property.GetValue(made)));
        }
    }

    private static string Written(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        TimeSpan span => span.ToString("c"),
        IEnumerable => "",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Words(XElement? summary)
    {
        if (summary is null) return "";
        var text = string.Concat(summary.Nodes().Select(n => n switch
        {
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")?.Value.Split('.')[^1] ?? see.Attribute("langword")?.Value}`",
            _ => n.ToString(),
        }));
        return Spaces().Replace(text, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal).Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"[Ss]ection `(?<section>Dox(:[A-Za-z]+)*)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SectionIn();

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Spaces();
}
