using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>Collects what parsing finds; the same problem at the same place is said once.</summary>
internal sealed class DiagnosticBag
{
    private const int Most = 500;

    private readonly List<Diagnostic> _items = [];
    private readonly HashSet<(string, int, int, string)> _seen = [];

    public bool HasErrors { get; private set; }

    public IReadOnlyList<Diagnostic> InOrder() =>
        [.. _items.OrderBy(item => item.Line).ThenBy(item => item.Column)];

    public void Error(string code, YamlMark at, string message, string? suggestion = null) =>
        Add(new Diagnostic(code, DiagnosticSeverity.Error, message, suggestion, at.Line, at.Column));

    public void Warn(string code, YamlMark at, string message, string? suggestion = null) =>
        Add(new Diagnostic(code, DiagnosticSeverity.Warning, message, suggestion, at.Line, at.Column));

    private void Add(Diagnostic diagnostic)
    {
        HasErrors |= diagnostic.Severity == DiagnosticSeverity.Error;
        if (!_seen.Add((diagnostic.Code, diagnostic.Line, diagnostic.Column, diagnostic.Message))) return;
        // A first error is always said, however many warnings stood before it
        if (_items.Count < Most || (diagnostic.Severity == DiagnosticSeverity.Error && _items.Count < 2 * Most)) _items.Add(diagnostic);
        else if (_seen.Add(("too-many-problems", 0, 0, "")))
            _items.Add(new Diagnostic("too-many-problems", DiagnosticSeverity.Warning, $"More than {Most} problems; the rest isn't listed.", null, diagnostic.Line, diagnostic.Column));
    }
}
