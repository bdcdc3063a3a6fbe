using System.Text.Json.Nodes;
using Acornima.Ast;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Dox.Workflows.Rules.Yaml;
using Expression = Dox.Workflows.Expressions.Expression;

namespace Dox.Workflows.Actions;

/// <summary><c>custom_logic</c>: a function that a module answers, <c>name(arguments)</c>, or an expression.</summary>
internal static class CustomLogic
{
    public static readonly BuiltInAction Definition = new(
        "custom_logic", "Calls a function, name(arguments), or evaluates an expression.",
        [new VocabularyParameter("logic", Required: true)], Compile);

    private static StepOperation? Compile(StepSource step)
    {
        if (step.Map?["logic"] is not { } node) return null;
        if (node is not YamlText text)
        {
            step.Bag.Error("bad-expression", node.Mark, $"'logic' must be a text, not {node.Kind}.");
            return null;
        }

        var rest = step.Compile("logic", "timeout_seconds");
        if (step.Vocabulary.Functions.TryGetValue(text.Value.Trim(), out var bare)) return CompileByName(bare, rest);
        if (step.Templates.Expression(text) is not { } whole) return null;
        var tree = new Acornima.Parser().ParseExpression(whole.Compiled, strict: true);
        if (tree is not CallExpression { Callee: Identifier callee } call) return new EvaluateLogic(whole, rest);
        if (step.Vocabulary.Functions.TryGetValue(callee.Name, out var function))
        {
            var arguments = new List<Template>();
            foreach (var argument in call.Arguments) arguments.Add(new WholeTemplate(Expression.Parse(whole.Compiled[argument.Range.Start..argument.Range.End])));
            CheckCount(step, function, text, arguments.Count);
            return new FunctionCall(function, [.. arguments.Take(function.Arguments.Count)], rest);
        }

        step.Bag.Error("unknown-function", text.Mark, $"No module answers the function '{callee.Name}'.",
            Suggest.DidYouMean(callee.Name, step.Vocabulary.Functions.Keys));
        return null;
    }

    // A bare name takes its arguments from the parameters beside it, else from the context's names
    private static FunctionCall CompileByName(FunctionDefinition function, MapTemplate rest) =>
        new(function, [.. function.Arguments.Select(argument => rest[argument.Name] ?? new WholeTemplate(Expression.Parse(argument.Name)))], rest);

    private static void CheckCount(StepSource step, FunctionDefinition function, YamlText text, int count)
    {
        var required = function.Arguments.Count(argument => argument.Required);
        if (count >= required && count <= function.Arguments.Count) return;
        step.Bag.Warn("bad-arguments", text.Mark, $"'{function.Name}' takes {string.Join(", ", function.Arguments.Select(argument => argument.Name))}; here it is given {count}, and {(count < required ? "the others are null" : "the rest is left out")}.");
    }
}

internal sealed class FunctionCall(FunctionDefinition function, IReadOnlyList<Template> arguments, MapTemplate rest) : StepOperation
{
    public override bool HasEffect => function.HasEffect;

    public override IReadOnlyList<string>? Produces => function.Produces;

    public override IEnumerable<Expression> Expressions => arguments.SelectMany(argument => argument.Expressions).Concat(rest.Expressions);

    public override JsonObject Bind(EvaluationScope scope)
    {
        var parameters = rest.Evaluate(scope);
        var values = new JsonArray();
        foreach (var argument in arguments) values.Add(argument.Evaluate(scope));
        parameters["function"] = function.Name;
        parameters["arguments"] = values;
        return parameters;
    }

    public override ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken) => function.Handler(call, cancellationToken);
}

internal sealed class EvaluateLogic(Expression logic, MapTemplate rest) : StepOperation
{
    public override bool IsImmediate => true;

    public override IEnumerable<Expression> Expressions => rest.Expressions.Prepend(logic);

    public override JsonObject Bind(EvaluationScope scope)
    {
        var parameters = rest.Evaluate(scope);
        parameters["logic"] = logic.Source;
        parameters["value"] = logic.Evaluate(scope)?.DeepClone();
        return parameters;
    }

    public override StepOutcome Compute(EvaluationScope scope, out JsonObject? input)
    {
        input = rest.Entries.Count == 0 ? null : rest.Evaluate(scope);
        return StepOutcome.Success(logic.Evaluate(scope)?.DeepClone());
    }

    public override ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken) =>
        new(StepOutcome.Success(call.Parameters["value"]?.DeepClone()));
}
