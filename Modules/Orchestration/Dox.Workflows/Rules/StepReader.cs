using System.Text.Json.Nodes;
using Dox.Workflows.Actions;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>Reads a step and compiles its action. Where it leads is resolved afterwards, when every step is known (<see cref="RouteResolver"/>).</summary>
internal sealed class StepReader(Vocabulary vocabulary, TemplateCompiler templates, BodyReader bodies, DiagnosticBag bag)
{
    public const double LongestTimeoutSeconds = 86_400;

    /// <summary>A step that can't be compiled stands in the rule all the same, so that the steps around it are checked; the bag says why.</summary>
    public StepDraft Read(YamlNode node, int index)
    {
        if (node is not YamlMap map)
        {
            bag.Error("missing-action", node.Mark, $"A step must be a map with 'action', not {node.Kind}.");
            map = new YamlMap(node.Mark, [], flow: false);
        }

        var fields = new YamlFields(map, "A step", bag);
        var name = node is YamlMap ? RuleNames.OfStep(fields, index, bag) : $"Step {index + 1}";
        var action = fields.Text("action") ?? "";
        if (action.Length == 0 && node is YamlMap) bag.Error("missing-action", fields.MarkOf("action"), $"The step '{name}' needs 'action'.", $"one of {string.Join(", ", vocabulary.ActionNames)}");
        var parameters = fields.Map("params");
        var timeout = fields.Seconds("timeout_seconds", 0.001, LongestTimeoutSeconds) ?? TimeoutInParameters(action, parameters);
        var draft = new StepDraft(map, parameters, fields.Node("on_success"), fields.Node("on_failure"), fields.List("branches"), parameters?["true_path"], parameters?["false_path"]);
        var when = fields.Node("when") is { } condition ? templates.Expression(condition) : null;
        var retry = RetryReader.OfStep(fields.Map("retry"), templates, bag);
        var (compensate, undoes) = ReadCompensation(name, fields.Map("compensate"));
        var message = fields.Node("error_message") is { } text ? templates.ForErrors().Compile(text) : null;
        var output = fields.Text("output");
        fields.Node("description");
        fields.WarnAboutTheRest();
        draft.Step = new RuleStep
        {
            Name = name,
            Index = index,
            Action = action,
            Line = map.Mark.Line,
            Column = map.Mark.Column,
            Timeout = timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Output = output,
            Operation = action.Length == 0 ? new UncompiledOperation("") : CompileAction(name, action, parameters, map.Mark, fields.MarkOf("action")),
            When = when,
            Retry = retry,
            Compensate = compensate,
            CompensatingAction = undoes,
            ErrorMessage = message,
        };
        return draft;
    }

    private double? TimeoutInParameters(string action, YamlMap? parameters) =>
        parameters is null || action == "wait" ? null : new YamlFields(parameters, "Parameters", bag).Seconds("timeout_seconds", 0.001, LongestTimeoutSeconds);

    private (StepOperation? Operation, string? Action) ReadCompensation(string step, YamlMap? map)
    {
        if (map is null) return default;
        var fields = new YamlFields(map, "A compensation", bag);
        var action = fields.Text("action") ?? "";
        var parameters = fields.Map("params");
        fields.WarnAboutTheRest();
        if (action.Length == 0)
        {
            bag.Error("missing-action", map.Mark, $"The compensation of '{step}' needs 'action'.");
            return default;
        }

        if (action is not ("wait" or "manual_intervention" or "retry_logic" or "parallel" or "for_each")) return (CompileAction(step, action, parameters, map.Mark, fields.MarkOf("action")), action);
        bag.Warn("bad-compensation", fields.MarkOf("action"), $"'{action}' can't undo anything; '{step}' has no compensation.");
        return default;
    }

    private StepOperation CompileAction(string step, string action, YamlMap? parameters, YamlMark at, YamlMark actionAt)
    {
        var source = new StepSource(step, at, parameters, vocabulary, templates, bodies, bag);
        if (BuiltInActions.Find(action) is { } builtIn)
        {
            // A function's own parameters may stand beside its name
            if (action != "custom_logic") source.CheckParameters(action, builtIn.Parameters);
            else if (parameters?["logic"] is null) bag.Error("unknown-function", at, $"The step '{step}': 'custom_logic' needs the parameter 'logic'.", "write the call of a function, or an expression");
            return builtIn.Compile(source) ?? new UncompiledOperation($"The step '{step}' isn't given what '{action}' needs.");
        }

        if (vocabulary.Actions.TryGetValue(action, out var added))
        {
            source.CheckParameters(action, added.Parameters);
            return new HostAction(added, source.Compile(), added.Produces ?? ServiceCheck.Check(source, vocabulary, bag));
        }

        bag.Error("unknown-action", actionAt, $"There is no action '{Suggest.Shorten(action)}'.", Suggest.DidYouMean(action, vocabulary.ActionNames) ?? $"the actions are {string.Join(", ", vocabulary.ActionNames)}");
        return new UncompiledOperation($"There is no action '{action}'.");
    }
}

/// <summary>A step with the targets that are still names.</summary>
internal sealed record StepDraft(YamlMap Map, YamlMap? Parameters, YamlNode? OnSuccess, YamlNode? OnFailure, IReadOnlyList<YamlNode> Branches, YamlNode? TruePath, YamlNode? FalsePath)
{
    public RuleStep Step { get; set; } = null!;
}

/// <summary>Stands for an action that can't be compiled. Where its rule loads all the same, a run that reaches it is told why.</summary>
internal sealed class UncompiledOperation(string reason) : StepOperation
{
    public override bool IsImmediate => true;

    public override IEnumerable<Expression> Expressions => [];

    public override JsonObject Bind(EvaluationScope scope) => [];

    public override ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken) =>
        new(StepOutcome.Failure("invalid_parameter", reason, retryable: false));
}
