using Dox.Workflows.Actions;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>Reads a step and compiles its action. Where it leads is resolved afterwards, when every step is known (<see cref="RouteResolver"/>).</summary>
internal sealed class StepReader(Vocabulary vocabulary, TemplateCompiler templates, DiagnosticBag bag)
{
    public const double LongestTimeoutSeconds = 86_400;
    public const int LongestName = 100;

    /// <summary>Null when the step can't be compiled; the bag says why.</summary>
    public StepDraft? Read(YamlNode node, int index)
    {
        if (node is not YamlMap map)
        {
            bag.Error("bad-value", node.Mark, $"A step must be a map, not {node.Kind}.");
            return null;
        }

        var fields = new YamlFields(map, "A step", bag);
        var name = fields.RequiredText("name");
        var action = fields.RequiredText("action");
        var parameters = fields.Map("params");
        var timeout = fields.Number("timeout_seconds", 0.001, LongestTimeoutSeconds) ?? TimeoutInParameters(parameters);
        var draft = new StepDraft(map, fields.Node("on_success"), fields.Node("on_failure"), fields.List("branches"), parameters?["true_path"], parameters?["false_path"]);
        var when = fields.Node("when") is { } condition ? templates.Expression(condition) : null;
        var retry = RetryReader.OfStep(fields.Map("retry"), templates, bag);
        var compensate = ReadCompensation(name, fields.Map("compensate"));
        var message = fields.Node("error_message") is { } text ? templates.Compile(text) : null;
        var output = fields.Text("output");
        fields.Node("description");
        fields.WarnAboutTheRest();
        if (name.Length > LongestName) bag.Error("bad-name", fields.MarkOf("name"), $"A step's name may have {LongestName} characters.");
        if (name.Contains('/', StringComparison.Ordinal)) bag.Error("bad-name", fields.MarkOf("name"), "A step's name can't hold a slash: it is part of the idempotency key.");
        if (action.Length == 0 || CompileAction(name, action, parameters, map.Mark, fields.MarkOf("action")) is not { } operation) return null;
        draft.Step = new RuleStep
        {
            Name = name,
            Index = index,
            Action = action,
            Line = map.Mark.Line,
            Timeout = timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Output = output,
            Operation = operation,
            When = when,
            Retry = retry,
            Compensate = compensate,
            ErrorMessage = message,
        };
        return draft;
    }

    private static double? TimeoutInParameters(YamlMap? parameters) =>
        JsonValues.TryDouble(parameters?["timeout_seconds"]?.ToJson()) is { } seconds and > 0 and <= LongestTimeoutSeconds ? seconds : null;

    private StepOperation? ReadCompensation(string step, YamlMap? map)
    {
        if (map is null) return null;
        var fields = new YamlFields(map, "A compensation", bag);
        var action = fields.RequiredText("action");
        var parameters = fields.Map("params");
        fields.WarnAboutTheRest();
        if (action is "wait" or "manual_intervention" or "retry_logic")
        {
            bag.Error("bad-compensation", fields.MarkOf("action"), $"'{action}' can't undo anything.");
            return null;
        }

        return action.Length == 0 ? null : CompileAction(step, action, parameters, map.Mark, fields.MarkOf("action"));
    }

    private StepOperation? CompileAction(string step, string action, YamlMap? parameters, YamlMark at, YamlMark actionAt)
    {
        var source = new StepSource(step, at, parameters, vocabulary, templates, bag);
        if (BuiltInActions.Find(action) is { } builtIn)
        {
            // A function's own parameters may stand beside its name
            if (action != "custom_logic") source.CheckParameters(action, builtIn.Parameters);
            else if (parameters?["logic"] is null) bag.Error("missing-parameter", at, $"The step '{step}': 'custom_logic' needs the parameter 'logic'.");
            return builtIn.Compile(source);
        }

        if (vocabulary.Actions.TryGetValue(action, out var added))
        {
            source.CheckParameters(action, added.Parameters);
            ServiceCheck.Check(source, vocabulary, bag);
            return new HostAction(added, source.Compile());
        }

        if (BuiltInActions.NotYet.Contains(action)) bag.Error("action-not-supported", actionAt, $"'{action}' isn't supported by this version.", "write the steps one after another");
        else bag.Error("unknown-action", actionAt, $"There is no action '{action}'.", Suggest.DidYouMean(action, vocabulary.ActionNames));
        return null;
    }
}

/// <summary>A step with the targets that are still names.</summary>
internal sealed record StepDraft(YamlMap Map, YamlNode? OnSuccess, YamlNode? OnFailure, IReadOnlyList<YamlNode> Branches, YamlNode? TruePath, YamlNode? FalsePath)
{
    public RuleStep Step { get; set; } = null!;
}

/// <summary>Does the service that a step names exist, and does it answer the endpoint?</summary>
internal static class ServiceCheck
{
    public static void Check(StepSource step, Vocabulary vocabulary, DiagnosticBag bag)
    {
        if (step.Map?["service"] is not YamlText service || service.Value.Contains('{', StringComparison.Ordinal)) return;
        if (!vocabulary.Services.TryGetValue(service.Value, out var known))
        {
            bag.Warn("unknown-service", service.Mark, $"No service '{service.Value}' is configured here; the step will fail.", Suggest.DidYouMean(service.Value, vocabulary.Services.Keys));
            return;
        }

        if (known.Endpoints is null || step.Map["endpoint"] is not YamlText endpoint || endpoint.Value.Contains('{', StringComparison.Ordinal)) return;
        var method = (step.Map["method"] as YamlText)?.Value.ToUpperInvariant();
        var path = endpoint.Value.Split('?')[0];
        if (known.Endpoints.Any(candidate => (method is null || candidate.Method == method) && Matches(candidate.Path, path))) return;
        bag.Error("unknown-endpoint", endpoint.Mark, $"'{service.Value}' doesn't answer {method ?? "GET"} {path}.",
            $"it answers {string.Join(", ", known.Endpoints.Select(candidate => $"{candidate.Method} {candidate.Path}"))}");
    }

    private static bool Matches(string pattern, string path)
    {
        var expected = pattern.Split('/');
        var given = path.Split('/');
        if (expected.Length != given.Length) return false;
        for (var i = 0; i < expected.Length; i++)
            if (!expected[i].StartsWith('{') && !string.Equals(expected[i], given[i], StringComparison.OrdinalIgnoreCase)) return false;
        return true;
    }
}
