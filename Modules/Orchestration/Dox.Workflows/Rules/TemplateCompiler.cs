using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>
/// Turns values of a rule into templates: <c>${ expression }</c>, <c>{name}</c>, <c>"{a, b}"</c>, <c>{ISO8601 + 24h}</c>, <c>{UUID}</c>.
/// Braces that hold none of these are text.
/// </summary>
/// <param name="bag">Takes what can't be read.</param>
internal sealed partial class TemplateCompiler(DiagnosticBag bag)
{
    /// <summary>In memory updates any expression may stand in single braces.</summary>
    private bool _bracesHoldExpressions;

    /// <summary>Where each expression stands, for the linter. Those that read a failure's details aren't among them: what it brings can't be known.</summary>
    public Dictionary<Expression, YamlMark> Places { get; private init; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>For memory updates.</summary>
    public TemplateCompiler ForMemory() => new(bag) { _bracesHoldExpressions = true, Places = Places };

    /// <summary>For what is filled in when a step has failed.</summary>
    public TemplateCompiler ForErrors() => new(bag);

    private static readonly HashSet<string> OtherThanNames = new(StringComparer.Ordinal) { "true", "false", "null" };

    [GeneratedRegex(@"^\s*[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\s*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex PlainName();

    [GeneratedRegex(@"^\s*[A-Za-z_]\w*(\s*,\s*[A-Za-z_]\w*)+\s*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex NameList();

    [GeneratedRegex(@"^\s*ISO8601\s*((?<sign>[+-])\s*(?<amount>\d{1,6})\s*(?<unit>[smhd])\s*)?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Moment();

    [GeneratedRegex(@"^\{\s*[A-Za-z_]\w*\s*:\s.*\}$", RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex BracedMap();

    public Template Compile(YamlNode node) => node switch
    {
        YamlText text => CompileText(text),
        YamlMap { PicksNames: true, Entries: [var single] } when IsMade(single.Key.Value) => Braces(single.Key.Value, single.Key.Mark)!,
        YamlMap { PicksNames: true } map => new MapTemplate([.. map.Entries.Select(entry => new KeyValuePair<string, Template>(entry.Key.Value, Name(entry.Key)))]),
        YamlMap map => Fold(new MapTemplate([.. map.Entries.Select(entry => new KeyValuePair<string, Template>(entry.Key.Value, Compile(entry.Value)))]), node),
        YamlList list => Fold(new ListTemplate([.. list.Items.Select(Compile)]), node),
        _ => Template.Null,
    };

    /// <summary>The map's values, never folded into a constant.</summary>
    public MapTemplate CompileMap(YamlMap map) =>
        new([.. map.Entries.Select(entry => new KeyValuePair<string, Template>(entry.Key.Value, map.PicksNames ? Name(entry.Key) : Compile(entry.Value)))]);

    /// <summary>A template for the value of a name.</summary>
    public Template Name(YamlText name) => CompileExpression(name.Value, name.Mark) is { } expression ? new WholeTemplate(expression) : Template.Null;

    /// <summary>A place where an expression is meant, with or without <c>${ }</c>.</summary>
    public Expression? Expression(YamlNode node)
    {
        if (node is not YamlText text)
        {
            bag.Error("bad-expression", node.Mark, $"An expression must be a text, not {node.Kind}.");
            return null;
        }

        var source = text.Value.Trim();
        if (source.StartsWith("${", StringComparison.Ordinal) && EndOf(source, 1) == source.Length - 1) source = source[2..^1];
        return CompileExpression(source, text.Mark);
    }

    private Template CompileText(YamlText text)
    {
        if (!text.Plain || text.ToJson()?.GetValueKind() == JsonValueKind.String)
        {
            if (!text.Value.Contains('{', StringComparison.Ordinal)) return new ConstantTemplate(text.Value);
            if (BracedMap().IsMatch(text.Value) && EndOf(text.Value, 0) == text.Value.Length - 1 && TryBracedMap(text) is { } map) return map;
            return CompileParts(text);
        }

        return new ConstantTemplate(text.ToJson());
    }

    private Template? TryBracedMap(YamlText text)
    {
        var probe = new DiagnosticBag();
        var node = YamlLoader.Load(text.Value, probe);
        return node is YamlMap map && !probe.HasErrors ? Compile(Moved(map, text.Mark)) : null;
    }

    private Template CompileParts(YamlText text)
    {
        var source = text.Value;
        var parts = new List<object>();
        var position = 0;
        for (var i = 0; i < source.Length; i++)
        {
            var dollar = source[i] == '$' && i + 1 < source.Length && source[i + 1] == '{';
            if (!dollar && source[i] != '{') continue;
            var open = dollar ? i + 1 : i;
            var close = EndOf(source, open);
            if (close < 0)
            {
                if (!dollar) continue;
                bag.Error("bad-expression", text.Mark, "An expression begins with ${ and has no end.", "close it with }");
                return Template.Null;
            }

            var inner = source[(open + 1)..close];
            var template = dollar ? Whole(inner, text.Mark) : Braces(inner, text.Mark);
            if (template is null) continue;
            if (i == 0 && close == source.Length - 1) return template;
            if (i > position) parts.Add(source[position..i]);
            parts.Add(template);
            position = close + 1;
            i = close;
        }

        if (parts.Count == 0) return new ConstantTemplate(source);
        if (position < source.Length) parts.Add(source[position..]);
        return new TextTemplate(parts);
    }

    private Template Whole(string source, YamlMark at) =>
        CompileExpression(source, at) is { } expression ? new WholeTemplate(expression) : Template.Null;

    /// <summary>Braces that hold no name of the context: a time or a new id.</summary>
    private static bool IsMade(string inner) => inner.Trim() == "UUID" || Moment().IsMatch(inner);

    private Template? Braces(string inner, YamlMark at)
    {
        if (inner.Trim() == "UUID") return new NewIdTemplate(at.Line, at.Column);
        if (Moment().Match(inner) is { Success: true } moment) return new NowTemplate(OffsetOf(moment));
        if (PlainName().IsMatch(inner) && !OtherThanNames.Contains(inner.Trim())) return Whole(inner.Trim(), at);
        if (NameList().IsMatch(inner))
            return new MapTemplate([.. inner.Split(',', StringSplitOptions.TrimEntries).Select(name => new KeyValuePair<string, Template>(name, Whole(name, at)))]);
        if (!_bracesHoldExpressions) return null;
        if (TryParse(inner, at, out var expression, out _)) return new WholeTemplate(expression);
        bag.Warn("not-an-expression", at, $"'{{{Suggest.Shorten(inner)}}}' holds no expression; it stays text.");
        return null;
    }

    private static TimeSpan OffsetOf(Match moment)
    {
        if (!moment.Groups["amount"].Success) return TimeSpan.Zero;
        var amount = int.Parse(moment.Groups["amount"].Value, CultureInfo.InvariantCulture) * (moment.Groups["sign"].Value == "-" ? -1 : 1);
        return moment.Groups["unit"].Value switch
        {
            "s" => TimeSpan.FromSeconds(amount),
            "m" => TimeSpan.FromMinutes(amount),
            "h" => TimeSpan.FromHours(amount),
            _ => TimeSpan.FromDays(amount),
        };
    }

    private Expression? CompileExpression(string source, YamlMark at)
    {
        if (TryParse(source, at, out var expression, out var problem)) return expression;
        bag.Error("bad-expression", at, $"'{Suggest.Shorten(source)}' can't be read: {problem}");
        return null;
    }

    private bool TryParse(string source, YamlMark at, [NotNullWhen(true)] out Expression? expression, [NotNullWhen(false)] out string? problem)
    {
        try
        {
            expression = Expressions.Expression.Parse(source);
            Places[expression] = at;
            problem = null;
            return true;
        }
        catch (ExpressionException error)
        {
            expression = null;
            problem = error.Message;
            return false;
        }
    }

    /// <summary>The closing brace of the one at <paramref name="open"/>; braces in quotes don't count.</summary>
    private static int EndOf(string source, int open)
    {
        var depth = 0;
        var quote = '\0';
        for (var i = open; i < source.Length; i++)
        {
            var character = source[i];
            if (quote != '\0')
            {
                if (character == '\\') i++;
                else if (character == quote) quote = '\0';
            }
            else if (character is '"' or '`' || (character == '\'' && depth > 0)) quote = character;
            else if (character == '{') depth++;
            else if (character == '}' && --depth == 0) return i;
        }

        return -1;
    }

    // What stands inside a text is reported at the text: the inner positions would point nowhere in the file
    private static YamlNode Moved(YamlNode node, YamlMark mark) => node switch
    {
        YamlText text => new YamlText(mark, text.Value, text.Plain),
        YamlList list => new YamlList(mark, [.. list.Items.Select(item => Moved(item, mark))]),
        YamlMap { PicksNames: true, Entries: [var single] } => new YamlText(mark, $"{{{single.Key.Value}}}", plain: false),
        YamlMap map => new YamlMap(mark, [.. map.Entries.Select(entry => new YamlEntry((YamlText)Moved(entry.Key, mark), Moved(entry.Value, mark)))], map.Flow),
        _ => node,
    };

    private static Template Fold(Template template, YamlNode node) =>
        template.Expressions.Any() || !IsConstant(node) ? template : new ConstantTemplate(node.ToJson());

    // Only where no brace could have meant something
    private static bool IsConstant(YamlNode node) => node switch
    {
        YamlText text => !text.Value.Contains('{', StringComparison.Ordinal),
        YamlList list => list.Items.All(IsConstant),
        YamlMap map => map.Entries.All(entry => IsConstant(entry.Value)),
        _ => true,
    };
}
