using System.Text.Json.Nodes;
using Acornima.Ast;

namespace Dox.Workflows.Expressions;

/// <summary>
/// A name and the keys behind it, which most expressions are: followed through the JSON itself. What isn't plain (a text's length, a key of
/// null, which is an error) is left to the engine, so that both ways mean the same.
/// </summary>
internal sealed class PropertyPath(string root, object[] keys)
{
    public static PropertyPath? TryRead(Node tree)
    {
        var keys = new List<object>();
        while (tree is MemberExpression { Optional: false } member)
        {
            switch (member.Property)
            {
                case Identifier name when !member.Computed: keys.Add(name.Name); break;
                case StringLiteral text when member.Computed: keys.Add(text.Value); break;
                case NumericLiteral { Value: >= 0 and < 100_000 } number when member.Computed && Math.Floor(number.Value).Equals(number.Value):
                    keys.Add((int)number.Value);
                    break;
                default: return null;
            }

            tree = member.Object;
        }

        if (tree is not Identifier root || FreeNames.In(root).Count == 0) return null;
        keys.Reverse();
        return new PropertyPath(root.Name, [.. keys]);
    }

    public bool TryFollow(EvaluationScope scope, out JsonNode? value)
    {
        var first = 0;
        if (root == "steps" && keys.Length > 0 && keys[0] is string step)
        {
            value = scope.LookupStep(step);
            first = 1;
        }
        else
        {
            value = scope.Lookup(root);
        }

        for (var i = first; i < keys.Length; i++)
        {
            switch (value, keys[i])
            {
                case (JsonObject json, string key) when json.TryGetPropertyValue(key, out var found):
                    value = found;
                    break;
                case (JsonArray array, int index):
                    value = index < array.Count ? array[index] : null;
                    break;
                case (JsonArray array, "length"):
                    value = JsonValue.Create(array.Count);
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}
