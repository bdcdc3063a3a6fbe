using System.Text.RegularExpressions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests.Rules;

public sealed partial class LintCatalogTests
{
    [GeneratedRegex("""\.(?<severity>Error|Warn)\(\s*"(?<code>[a-z-]+)"|Refused(Exception)?\((name, )?"(?<refused>[a-z-]+)"|new Diagnostic\("(?<told>[a-z-]+)", DiagnosticSeverity\.(?<level>Error|Warning)""", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Reported();

    [Test]
    public void Holds_every_code_that_is_reported_with_its_severity()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(ShippedRules.Folder, "..", "Modules", "Orchestration", "Dox.Workflows"), "*.cs", SearchOption.AllDirectories);
        var reported = sources.Where(file => !file.EndsWith("LintCatalog.cs", StringComparison.Ordinal)).SelectMany(file => Reported().Matches(File.ReadAllText(file))).Select(Read).Distinct().ToList();
        Assert.That(reported, Is.EquivalentTo(LintCatalog.All.Select(code => (code.Code, code.Severity))));
    }

    [Test]
    public void Names_each_code_once() => Assert.That(LintCatalog.All.Select(code => code.Code), Is.Unique);

    private static (string Code, DiagnosticSeverity Severity) Read(Match match)
    {
        if (match.Groups["refused"].Success) return (match.Groups["refused"].Value, DiagnosticSeverity.Error);
        return match.Groups["told"].Success
            ? (match.Groups["told"].Value, match.Groups["level"].Value == "Error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning)
            : (match.Groups["code"].Value, match.Groups["severity"].Value == "Error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning);
    }
}
