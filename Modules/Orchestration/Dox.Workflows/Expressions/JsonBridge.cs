using System.Text.Json;
using System.Text.Json.Nodes;
using Jint;
using Jint.Native;
using Jint.Native.Object;

namespace Dox.Workflows.Expressions;

/// <summary>JSON into an engine and out of it again, by value: a script can't reach back into a run's state.</summary>
internal static class JsonBridge
{
    private const int Deepest = 64;
    private const int MostNodes = 50_000;
    private const int LongestText = 1_000_000;
    private const double LargestExactInteger = 9007199254740992;

    public static JsValue ToScript(Engine engine, JsonNode? node)
    {
        switch (node)
        {
            case null:
                return JsValue.Null;
            case JsonObject json:
                var target = new JsObject(engine);
                foreach (var (key, value) in json) target.FastSetDataProperty(key, ToScript(engine, value));
                return target;
            case JsonArray array:
                var items = new JsValue[array.Count];
                for (var i = 0; i < items.Length; i++) items[i] = ToScript(engine, array[i]);
                return new JsArray(engine, items);
            default:
                return ToScript(node.AsValue());
        }
    }

    private static JsValue ToScript(JsonValue value) => value.GetValueKind() switch
    {
        JsonValueKind.True => JsBoolean.True,
        JsonValueKind.False => JsBoolean.False,
        JsonValueKind.Number => JsNumber.Create(JsonValues.ToDouble(value)),
        JsonValueKind.Null or JsonValueKind.Undefined => JsValue.Null,
        _ => JsString.Create(value.ToString()),
    };

    /// <summary>What the script returned; functions, symbols and numbers that JSON lacks are refused or null.</summary>
    public static JsonNode? FromScript(JsValue value)
    {
        var budget = MostNodes;
        return FromScript(value, 0, ref budget);
    }

    private static JsonNode? FromScript(JsValue value, int depth, ref int budget)
    {
        if (depth > Deepest || --budget < 0) throw new ExpressionException("The expression's value is too large or refers to itself.");
        if (value.IsNull() || value.IsUndefined()) return null;
        if (value.IsBoolean()) return JsonValue.Create(value.AsBoolean());
        if (value.IsString())
        {
            var text = value.AsString();
            return text.Length <= LongestText ? JsonValue.Create(text) : throw new ExpressionException($"The expression's text has more than {LongestText:N0} characters.");
        }

        if (value.IsNumber()) return FromNumber(value.AsNumber());
        if (value.IsArray())
        {
            var source = value.AsArray();
            var array = new JsonArray();
            for (uint i = 0; i < source.Length; i++) array.Add(FromScript(source[i], depth + 1, ref budget));
            return array;
        }

        if (value.IsDate()) return JsonValue.Create(value.AsDate().ToDateTime().ToString("O"));
        if (value is ObjectInstance instance and not Jint.Native.Function.Function)
        {
            var json = new JsonObject();
            foreach (var (key, property) in instance.GetOwnProperties())
                if (key.IsString() && property.Enumerable)
                    json[key.AsString()] = FromScript(instance.Get(key), depth + 1, ref budget);
            return json;
        }

        throw new ExpressionException("The expression's value is neither a text, a number, a boolean, a list nor a map.");
    }

    private static JsonValue? FromNumber(double number)
    {
        if (!double.IsFinite(number)) return null;
        return Math.Abs(number) <= LargestExactInteger && Math.Floor(number).Equals(number)
            ? JsonValue.Create((long)number)
            : JsonValue.Create(number);
    }
}
