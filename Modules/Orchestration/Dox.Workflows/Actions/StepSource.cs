using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Actions;

/// <summary>What an action is compiled from: its parameters as they stand in the file, and everything that it may need to read them.</summary>
internal sealed record StepSource(string StepName, YamlMark Mark, YamlMap? Map, Vocabulary Vocabulary, TemplateCompiler Templates, BodyReader Bodies, DiagnosticBag Bag)
{
    /// <summary>Parameters that every action takes: they belong to the step.</summary>
    public static readonly IReadOnlyList<string> OfTheStep = ["timeout_seconds", "true_path", "false_path"];

    /// <summary>The parameters as templates, without the ones that the step itself reads.</summary>
    public MapTemplate Compile(params ReadOnlySpan<string> without)
    {
        var entries = new List<KeyValuePair<string, Template>>();
        foreach (var entry in Map?.Entries ?? [])
            if (!without.Contains(entry.Key.Value) && entry.Key.Value is not ("true_path" or "false_path"))
                entries.Add(new KeyValuePair<string, Template>(entry.Key.Value, Templates.Compile(entry.Value)));
        return new MapTemplate(entries);
    }

    public YamlMark MarkOf(string parameter) => Map?[parameter]?.Mark ?? Mark;

    public void CheckParameters(string action, IReadOnlyList<VocabularyParameter> known)
    {
        var names = known.Select(parameter => parameter.Name).Concat(OfTheStep).ToList();
        foreach (var entry in Map?.Entries ?? [])
            if (!names.Contains(entry.Key.Value, StringComparer.Ordinal))
                Bag.Warn("unknown-parameter", entry.Key.Mark, $"'{action}' takes no parameter '{entry.Key.Value}'; it is documentation.", Suggest.DidYouMean(entry.Key.Value, names));
        foreach (var parameter in known)
            if (parameter.Required && Map?[parameter.Name] is null)
                Bag.Warn("missing-parameter", Mark, $"The step '{StepName}': '{action}' needs the parameter '{parameter.Name}'; without it the step fails when it is run.");
    }
}
