namespace Dox.Workflows.Tests.Rules;

/// <summary>The examples of docs/reference/rule-language.md are rules, or steps of one.</summary>
public sealed class ReferencePageTests
{
    private static IEnumerable<TestCaseData> Examples()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "Dox.sln"))) root = root.Parent;
        var page = File.ReadAllText(Path.Combine(root.FullName, "docs", "reference", "rule-language.md"));
        return page.Split("```yaml\n").Skip(1).Select((block, i) => new TestCaseData(block.Split("```")[0]).SetName($"Example_{i + 1}"));
    }

    [TestCaseSource(nameof(Examples))]
    public void Example_has_nothing_wrong_with_it(string example)
    {
        var isRule = example.StartsWith("name:", StringComparison.Ordinal);
        var yaml = isRule ? example : TestVocabulary.RuleOf(string.Join('\n', example.Split('\n').Select(line => "  " + line)), "input: [invoice]");
        Assert.That(new TestVocabulary().TryParse(yaml).Diagnostics.Select(problem => problem.ToString()), Is.Empty, yaml);
    }
}
