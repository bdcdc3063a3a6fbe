using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Dox.Workflows.Rules;

/// <summary>Reads names and versions. What is loosely written is taken as the nearest that can be kept, and said.</summary>
internal static partial class RuleNames
{
    private const string FirstVersion = "1.0.0";
    private const int LongestStepName = 100;

    [GeneratedRegex("^[a-z][a-z0-9_]{0,99}$", RegexOptions.NonBacktracking)]
    private static partial Regex SnakeCase();

    [GeneratedRegex(@"^\d{1,6}\.\d{1,6}\.\d{1,6}(-[0-9A-Za-z.-]{1,20})?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex SemanticVersion();

    [GeneratedRegex(@"\d{1,6}(\.\d{1,6}){0,2}", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Numbers();

    public static string OfRule(YamlFields fields, string fileName, DiagnosticBag bag)
    {
        var fallback = ToSnakeCase(Path.GetFileNameWithoutExtension(fileName));
        var name = fields.RequiredText("name", $"'{fallback}' is taken, after the file");
        if (name.Length == 0) return fallback;
        if (SnakeCase().IsMatch(name)) return name;
        var taken = ToSnakeCase(name);
        bag.Warn("bad-name", fields.MarkOf("name"), $"A rule's name is snake_case, not '{Suggest.Shorten(name)}'; '{taken}' is taken.", $"write {taken}");
        return taken;
    }

    public static string VersionOf(YamlFields fields, DiagnosticBag bag)
    {
        var version = fields.RequiredText("version", $"{FirstVersion} is taken");
        if (version.Length == 0 || SemanticVersion().IsMatch(version)) return version.Length == 0 ? FirstVersion : version;
        var numbers = Numbers().Match(version).Value.Split('.', StringSplitOptions.RemoveEmptyEntries);
        var taken = numbers.Length == 0 ? FirstVersion : string.Join('.', numbers.Concat(["0", "0"]).Take(3));
        bag.Warn("bad-version", fields.MarkOf("version"), $"A version is three numbers, not '{Suggest.Shorten(version)}'; {taken} is taken.", $"write \"{taken}\"");
        return taken;
    }

    public static string OfStep(YamlFields fields, int index, DiagnosticBag bag)
    {
        var fallback = string.Create(CultureInfo.InvariantCulture, $"Step {index + 1}");
        var name = fields.RequiredText("name", $"'{fallback}' is taken");
        if (name.Length == 0) return fallback;
        var taken = Normalise(name);
        if (taken != name) bag.Warn("bad-name", fields.MarkOf("name"), $"A step's name has at most {LongestStepName} characters and no slash, for it is part of the idempotency key; '{Suggest.Shorten(taken)}' is taken.");
        return taken;
    }

    /// <summary>A step's name as it is kept; targets are looked up by it too.</summary>
    public static string Normalise(string name)
    {
        var text = name.Trim().Replace('/', '-');
        return text.Length <= LongestStepName ? text : text[..LongestStepName];
    }

    private static string ToSnakeCase(string text)
    {
        var snake = new StringBuilder();
        foreach (var character in text)
        {
            if (char.IsAsciiLetterOrDigit(character)) snake.Append(char.ToLowerInvariant(character));
            else if (snake.Length > 0 && snake[^1] != '_') snake.Append('_');
            if (snake.Length == 100) break;
        }

        while (snake.Length > 0 && snake[^1] == '_') snake.Length--;
        if (snake.Length == 0 || !char.IsAsciiLetter(snake[0])) snake.Insert(0, "rule_");
        return snake.ToString(0, Math.Min(snake.Length, 100)).TrimEnd('_');
    }
}
