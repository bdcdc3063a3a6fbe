using System.Text;
using Acornima.Ast;

namespace Dox.Workflows.Expressions;

/// <summary>
/// Wraps what puts texts together (<c>+</c> and template literals; <c>+=</c> copies at once) in a call that counts their characters: the engine puts them together
/// lazily, so that thousands of long ones cost nothing until a native function looks at all of them at once, where no limit is checked.
/// </summary>
internal static class TextGuard
{
    /// <summary>No rule may use this name.</summary>
    public const string Name = "__counted";

    public static string Apply(string source, Node root)
    {
        var result = new StringBuilder();
        Write(source, root, result);
        return result.ToString();
    }

    private static void Write(string source, Node node, StringBuilder result)
    {
        var guarded = node is BinaryExpression { Operator: Acornima.Operator.Addition }
            or TemplateLiteral { Expressions.Count: > 0 };
        if (guarded) result.Append(Name).Append('(');
        var position = node.Range.Start;
        foreach (var child in node.ChildNodes)
        {
            // A tagged template's literal is no value of its own; a shorthand property names its value twice
            if (child.Range.Start < position) continue;
            result.Append(source, position, child.Range.Start - position);
            if (node is TaggedTemplateExpression && child is TemplateLiteral) result.Append(source, child.Range.Start, child.Range.End - child.Range.Start);
            else Write(source, child, result);
            position = child.Range.End;
        }

        result.Append(source, position, node.Range.End - position);
        if (guarded) result.Append(')');
    }
}
