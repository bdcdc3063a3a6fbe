using System.Globalization;

namespace Dox.Host.Configuration;

internal enum VariableKind
{
    Text,
    Number,
    Flag,
    Choice,
    List,
    Path,
}

/// <summary>A variable of the flat kind that existing deployments set.</summary>
/// <param name="Name">As it stands in the environment.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Meaning">For the reference: what it sets, with its unit.</param>
/// <param name="Keys">The configuration keys that it fills.</param>
internal sealed record FlatVariable(string Name, VariableKind Kind, string Meaning, params string[] Keys)
{
    /// <summary>What holds without it, in words; null where nothing does.</summary>
    public string? Default { get; init; }

    /// <summary>May also be given as the path of a file that holds it, in <c>NAME_FILE</c>; is never shown.</summary>
    public bool Secret { get; init; }

    public long Min { get; init; }

    public long Max { get; init; } = int.MaxValue;

    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Values that DOX knows and can't honour, each with what to do; a <c>*</c> stands for any.</summary>
    public IReadOnlyList<(string Value, string Instead)> Refused { get; init; } = [];

    /// <summary>It only means something where that variable has that value, which is refused: without it there is nothing to honour.</summary>
    public (string Variable, string Value)? Under { get; init; }

    public string FileName => Name + "_FILE";

    /// <summary>The key's values, or what is wrong with <paramref name="raw"/>.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Read(string raw, out string? problem)
    {
        var value = raw.Trim();
        problem = Problem(value);
        if (problem is not null) return [];
        return Kind switch
        {
            VariableKind.Flag => Keys.Select(key => KeyValuePair.Create(key, (string?)(IsTrue(value) ? "true" : "false"))),
            VariableKind.Choice => Keys.Select(key => KeyValuePair.Create(key, (string?)value.ToLowerInvariant())),
            VariableKind.List => Keys.SelectMany(key => Parts(value).Select((part, i) => KeyValuePair.Create($"{key}:{i}", (string?)part))),
            _ => Keys.Select(key => KeyValuePair.Create(key, (string?)value)),
        };
    }

    private string? Problem(string value)
    {
        foreach (var (refused, instead) in Refused)
        {
            if (refused == "*") return $"{Name} is set, and {instead}";
            if (string.Equals(refused, value, StringComparison.OrdinalIgnoreCase)) return $"{Name} is '{value}', and {instead}";
        }

        return Kind switch
        {
            VariableKind.Number when !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number < Min || number > Max =>
                $"{Name} is '{value}'; it must be a whole number from {Min} to {Max}.",
            VariableKind.Flag when !IsTrue(value) && !IsFalse(value) => $"{Name} is '{value}'; it must be true or false.",
            VariableKind.Choice when !Choices.Contains(value, StringComparer.OrdinalIgnoreCase) => $"{Name} is '{value}'; it must be one of {string.Join(", ", Choices)}.",
            VariableKind.Path when value.Contains('\0', StringComparison.Ordinal) => $"{Name} holds a character that no path may have.",
            VariableKind.List when Parts(value).Length == 0 => $"{Name} lists nothing; give at least one value, or leave it out.",
            _ => null,
        };
    }

    private static string[] Parts(string value) => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsTrue(string value) => value.ToUpperInvariant() is "TRUE" or "1" or "YES" or "ON";

    private static bool IsFalse(string value) => value.ToUpperInvariant() is "FALSE" or "0" or "NO" or "OFF";
}
