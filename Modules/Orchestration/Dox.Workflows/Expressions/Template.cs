using System.Text;
using System.Text.Json.Nodes;

namespace Dox.Workflows.Expressions;

/// <summary>
/// A value in a rule that may hold expressions, compiled. <see cref="Evaluate"/> returns a node that belongs to the caller.
/// </summary>
internal abstract class Template
{
    public static readonly Template Null = new ConstantTemplate(null);

    public abstract JsonNode? Evaluate(EvaluationScope scope);

    /// <summary>The value, when no run can change it.</summary>
    public virtual bool TryConstant(out JsonNode? value)
    {
        value = null;
        return false;
    }

    /// <summary>Every expression in it, for the linter.</summary>
    public virtual IEnumerable<Expression> Expressions => [];
}

internal sealed class ConstantTemplate(JsonNode? value) : Template
{
    public override JsonNode? Evaluate(EvaluationScope scope) => value?.DeepClone();

    public override bool TryConstant(out JsonNode? constant)
    {
        constant = value;
        return true;
    }
}

/// <summary>A text that is one expression: the value keeps its type.</summary>
internal sealed class WholeTemplate(Expression expression) : Template
{
    public override IEnumerable<Expression> Expressions => [expression];

    public override JsonNode? Evaluate(EvaluationScope scope) => expression.Evaluate(scope)?.DeepClone();
}

/// <summary>A text with expressions in it.</summary>
internal sealed class TextTemplate(IReadOnlyList<object> parts) : Template
{
    public override IEnumerable<Expression> Expressions => parts.OfType<Template>().SelectMany(part => part.Expressions);

    public override JsonNode Evaluate(EvaluationScope scope)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            if (part is string literal) text.Append(literal);
            else text.Append(JsonValues.ToText(((Template)part).Evaluate(scope)));
        }

        return JsonValue.Create(text.ToString());
    }
}

internal sealed class MapTemplate(IReadOnlyList<KeyValuePair<string, Template>> entries) : Template
{
    public IReadOnlyList<KeyValuePair<string, Template>> Entries { get; } = entries;

    public override IEnumerable<Expression> Expressions => Entries.SelectMany(entry => entry.Value.Expressions);

    public Template? this[string key]
    {
        get
        {
            foreach (var (name, value) in Entries)
                if (name == key) return value;
            return null;
        }
    }

    public override JsonObject Evaluate(EvaluationScope scope)
    {
        var json = new JsonObject();
        foreach (var (key, value) in Entries) json[key] = value.Evaluate(scope);
        return json;
    }
}

internal sealed class ListTemplate(IReadOnlyList<Template> items) : Template
{
    public override IEnumerable<Expression> Expressions => items.SelectMany(item => item.Expressions);

    public override JsonArray Evaluate(EvaluationScope scope)
    {
        var array = new JsonArray();
        foreach (var item in items) array.Add(item.Evaluate(scope));
        return array;
    }
}

/// <summary><c>{ISO8601}</c>, <c>{ISO8601 + 24h}</c>: the time of the step, moved.</summary>
internal sealed class NowTemplate(TimeSpan offset) : Template
{
    public override JsonNode Evaluate(EvaluationScope scope) => JsonValue.Create((scope.Now + offset).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ"));
}

/// <summary><c>{UUID}</c>: a new id, the same one when the step runs again under the same idempotency key.</summary>
internal sealed class NewIdTemplate(int line, int column) : Template
{
    public override JsonNode Evaluate(EvaluationScope scope)
    {
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes($"{scope.Seed}@{line}:{column}"), hash);
        return JsonValue.Create(new Guid(hash[..16], bigEndian: true).ToString());
    }
}
