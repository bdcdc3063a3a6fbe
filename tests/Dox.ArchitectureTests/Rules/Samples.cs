using System.Collections;
using System.Reflection;
using System.Text.Json;
using MediatR;

namespace Dox.ArchitectureTests.Rules;

/// <summary>Fills a contract with values that are the same each time, so that its JSON can be compared with the one that is kept.</summary>
internal static class Samples
{
    private static readonly DateTimeOffset s_moment = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    [ThreadStatic]
    private static HashSet<Type>? t_open;

    private static readonly Guid s_id = new("0193e4a1-b2c3-7d4e-8f9a-0b1c2d3e4f50");

    public static object? Of(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return Of(inner);
        if (Simple(type) is { } simple) return simple;
        if (type == typeof(Unit)) return null;
        if (type.IsEnum) return Enum.GetValues(type).Cast<object>().Last();
        if (Entries(type) is { } entries) return entries;
        return Filled(type);
    }

    private static object? Simple(Type type) => type switch
    {
        _ when type == typeof(string) => "text",
        _ when type == typeof(bool) => true,
        _ when type == typeof(int) => 7,
        _ when type == typeof(long) => 8L,
        _ when type == typeof(double) => 0.5,
        _ when type == typeof(decimal) => 12.34m,
        _ when type == typeof(Guid) => s_id,
        _ when type == typeof(DateTimeOffset) => s_moment,
        _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(90),
        _ when type == typeof(JsonElement) => JsonDocument.Parse("""{"any":["json",1,null]}""").RootElement,
        _ => null,
    };

    private static object? Entries(Type type)
    {
        if (!typeof(IEnumerable).IsAssignableFrom(type) || !type.IsGenericType) return null;
        var arguments = type.GenericTypeArguments;
        var concrete = arguments.Length == 2 ? typeof(Dictionary<,>).MakeGenericType(arguments) : typeof(List<>).MakeGenericType(arguments);
        var made = Activator.CreateInstance(concrete)!;
        if (made is IDictionary map) map.Add(Of(arguments[0])!, Of(arguments[1]));
        else ((IList)made).Add(Of(arguments[0]));
        return type.IsAssignableFrom(concrete) ? made : JsonSerializer.Deserialize(JsonSerializer.Serialize(made), type);
    }

    // A contract may hold itself, as a table's cell is a value like the table: within itself it is null.
    private static object? Filled(Type type)
    {
        t_open ??= [];
        if (!t_open.Add(type)) return null;
        try
        {
            return Made(type);
        }
        finally
        {
            t_open.Remove(type);
        }
    }

    private static object Made(Type type)
    {
        // An id has a constructor without parameters too, being a struct.
        var constructor = type.GetConstructors().Where(c => c.GetParameters() is not [{ } only] || only.ParameterType != type).MaxBy(c => c.GetParameters().Length);
        var made = constructor is null ? Activator.CreateInstance(type)! : constructor.Invoke([.. constructor.GetParameters().Select(p => Of(p.ParameterType))]);
        var given = constructor?.GetParameters().Select(p => p.Name).ToHashSet(StringComparer.OrdinalIgnoreCase) ?? [];
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite && !given.Contains(p.Name)))
            property.SetValue(made, Of(property.PropertyType));
        return made;
    }
}
