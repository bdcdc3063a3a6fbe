namespace Dox.Workflows.Rules;

/// <summary>How bad a <see cref="Diagnostic"/> is: an error keeps its rule from loading, a warning says what was taken.</summary>
public enum DiagnosticSeverity
{
    /// <summary>The rule loads; the message says how the doubtful part was understood.</summary>
    Warning,

    /// <summary>The rule doesn't load.</summary>
    Error,
}

/// <summary>One problem in a rule file.</summary>
/// <param name="Code">Stable, kebab-case, for tools: <c>unknown-action</c>, <c>duplicate-key</c>.</param>
/// <param name="Severity">Whether the rule loads nevertheless.</param>
/// <param name="Message">What is wrong, for a person.</param>
/// <param name="Suggestion">What to write in its place, where that can be known.</param>
/// <param name="Line">1-based line in the file.</param>
/// <param name="Column">1-based column in the file.</param>
public sealed record Diagnostic(string Code, DiagnosticSeverity Severity, string Message, string? Suggestion, int Line, int Column)
{
    /// <summary>The line that a compiler would print: <c>(line,column): error code: message (suggestion)</c>.</summary>
    public override string ToString() =>
        $"({Line},{Column}): {(Severity == DiagnosticSeverity.Error ? "error" : "warning")} {Code}: {Message}"
        + (Suggestion is null ? "" : $" ({Suggestion})");
}

/// <summary>What became of one rule file.</summary>
/// <param name="FileName">The name that was given for the text.</param>
/// <param name="Rule">The compiled rule; null when there is an error.</param>
/// <param name="Diagnostics">Every problem found, in the order of the file.</param>
public sealed record RuleParseResult(string FileName, Rule? Rule, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>The problems that keep the rule from loading.</summary>
    public IEnumerable<Diagnostic> Errors => Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
}
