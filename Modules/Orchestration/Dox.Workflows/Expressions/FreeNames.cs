using Acornima.Ast;

namespace Dox.Workflows.Expressions;

/// <summary>The names that an expression takes from outside: what it uses, without what it binds and without the language's own.</summary>
internal static class FreeNames
{
    private static readonly HashSet<string> Language = new(StringComparer.Ordinal)
    {
        "undefined", "NaN", "Infinity", "Math", "Number", "String", "Boolean", "Object", "Array", "Date", "RegExp", "Set", "Map", "parseInt",
        "parseFloat", "isNaN", "isFinite", "encodeURIComponent", "decodeURIComponent", "arguments", "Error", "RangeError", "TypeError",
    };

    public static IReadOnlyList<string> In(Node root)
    {
        var used = new List<string>();
        var bound = new HashSet<string>(StringComparer.Ordinal);
        Walk(root, used, bound);
        return [.. used.Where(name => !bound.Contains(name) && !Language.Contains(name)).Distinct(StringComparer.Ordinal)];
    }

    private static void Walk(Node node, List<string> used, HashSet<string> bound)
    {
        switch (node)
        {
            case BigIntLiteral:
                // One operation on a large one takes seconds, which no limit between two statements sees
                throw new ExpressionException("Integers with an n (BigInt) can't be used.");
            case Identifier { Name: TextGuard.Name }:
                throw new ExpressionException($"The name {TextGuard.Name} can't be used.");
            case Identifier identifier:
                used.Add(identifier.Name);
                return;
            case MemberExpression { Computed: false } member:
                Walk(member.Object, used, bound);
                return;
            case ObjectProperty { Computed: false } property:
                Walk(property.Value, used, bound);
                return;
            case ArrowFunctionExpression arrow:
                foreach (var parameter in arrow.Params) Bind(parameter, bound);
                break;
            case FunctionExpression function:
                foreach (var parameter in function.Params) Bind(parameter, bound);
                if (function.Id is not null) bound.Add(function.Id.Name);
                break;
            case VariableDeclarator declarator:
                Bind(declarator.Id, bound);
                break;
        }

        foreach (var child in node.ChildNodes) Walk(child, used, bound);
    }

    private static void Bind(Node pattern, HashSet<string> bound)
    {
        if (pattern is Identifier identifier) bound.Add(identifier.Name);
        else if (pattern is AssignmentPattern assignment) Bind(assignment.Left, bound);
        else if (pattern is ObjectProperty property) Bind(property.Value, bound);
        else foreach (var child in pattern.ChildNodes) Bind(child, bound);
    }
}
