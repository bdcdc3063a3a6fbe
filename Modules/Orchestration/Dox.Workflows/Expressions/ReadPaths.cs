using System.Text.Json.Nodes;
using Acornima;
using Acornima.Ast;

namespace Dox.Workflows.Expressions;

/// <summary>What an expression reads, as paths (<c>steps["Match"].confidence</c>), with the values that it finds there.</summary>
internal static class ReadPaths
{
    /// <summary>Paths that lead nowhere are null; a name that stands for something inside the expression alone is left out.</summary>
    public static IReadOnlyDictionary<string, JsonNode?> Of(Expression expression, EvaluationScope scope)
    {
        var values = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        Walk(new Parser().ParseExpression(expression.Compiled, strict: true), expression, scope, values);
        return values;
    }

    private static void Walk(Node node, Expression expression, EvaluationScope scope, Dictionary<string, JsonNode?> values)
    {
        switch (node)
        {
            case CallExpression { Callee: MemberExpression method } call:
                // a.b.includes(x) reads a.b
                Walk(method.Object, expression, scope, values);
                foreach (var argument in call.Arguments) Walk(argument, expression, scope, values);
                return;
            case Identifier or MemberExpression when PropertyPath.TryRead(node) is { } path && FreeNames.In(node).All(name => expression.Names.Contains(name, StringComparer.Ordinal)):
                values[expression.Compiled[node.Start..node.End]] = path.TryFollow(scope, out var value) ? value?.DeepClone() : null;
                return;
            case MemberExpression { Computed: false } member:
                Walk(member.Object, expression, scope, values);
                return;
            case ObjectProperty { Computed: false } property:
                Walk(property.Value, expression, scope, values);
                return;
        }

        foreach (var child in node.ChildNodes) Walk(child, expression, scope, values);
    }
}
