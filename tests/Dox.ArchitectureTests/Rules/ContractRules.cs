using System.Reflection;
using System.Text.RegularExpressions;
using Dox.SharedKernel.Messages;
using MediatR;

namespace Dox.ArchitectureTests.Rules;

/// <summary>What holds for what leaves a module.</summary>
internal static partial class ContractRules
{
    private static readonly Type[] s_banned = [typeof(object), typeof(Type), typeof(IntPtr)];
    private static readonly Type[] s_bannedBases = [typeof(Stream), typeof(Exception), typeof(Delegate), typeof(Task), typeof(MemberInfo)];

    /// <summary>Contracts are sealed records and enums, and hold nothing that can't be written as JSON.</summary>
    public static IReadOnlyList<string> Shapes(Assembly contracts) => [.. contracts.GetTypes().Where(IsWritten).SelectMany(Shapes)];

    public static IReadOnlyList<string> WireNames(IEnumerable<Assembly> contracts)
    {
        var messages = contracts.SelectMany(c => c.GetTypes()).Where(IsMessage).Select(m => (Type: m, m.GetCustomAttribute<MessageNameAttribute>()?.Name)).ToList();
        return
        [
            .. messages.Where(m => m.Name is null).Select(m => $"{m.Type} has no [MessageName]."),
            .. messages.Where(m => m.Name is not null && !WireName().IsMatch(m.Name)).Select(m => $"{m.Type} is called '{m.Name}'; a wire name is module.verb-noun.vN."),
            .. messages.Where(m => m.Name is not null).GroupBy(m => m.Name, StringComparer.Ordinal).Where(g => g.Count() > 1)
                .Select(g => $"'{g.Key}' is taken by {string.Join(" and ", g.Select(m => m.Type))}."),
        ];
    }

    public static bool IsMessage(Type type) =>
        type is { IsAbstract: false, IsInterface: false }
        && (typeof(INotification).IsAssignableFrom(type) || type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequest<>)));

    private static IEnumerable<string> Shapes(Type type)
    {
        if (type.IsEnum) yield break;
        var isRecord = type.GetMethod("<Clone>$") is not null;
        if (!isRecord || !type.IsSealed) yield return $"{type} is no sealed record.";
        foreach (var constant in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static).Where(f => f.IsLiteral))
            yield return $"{type}.{constant.Name} is a constant: whoever compiled against it keeps the old value.";
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            foreach (var part in Parts(property.PropertyType).Where(p => s_banned.Contains(p) || Array.Exists(s_bannedBases, b => b.IsAssignableFrom(p))))
                yield return $"{type}.{property.Name} is or holds {part}, which can't be sent.";
        }
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.IsArray ? Parts(type.GetElementType()!) : type.IsGenericType ? type.GenericTypeArguments.SelectMany(Parts).Prepend(type) : [type];

    private static bool IsWritten(Type type) => !type.Name.Contains('<', StringComparison.Ordinal) && type.Namespace?.StartsWith("Dox.", StringComparison.Ordinal) == true;

    [GeneratedRegex(@"^[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)+\.v[1-9][0-9]*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WireName();
}
