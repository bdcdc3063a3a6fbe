using CsCheck;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests.Rules;

public sealed class HostileYamlTests
{
    private readonly TestVocabulary _tests = new();

    private static IEnumerable<TestCaseData> Attacks()
    {
        yield return new TestCaseData("a: &a [x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i =>
            $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat(i == 1 ? "*a" : $"*a{i - 1}", 9))}]\n")), "too-many-nodes").SetName("Billion_laughs");
        yield return new TestCaseData("name: " + new string('x', 10_000_000), "too-large").SetName("Ten_megabytes");
        yield return new TestCaseData(string.Concat(Enumerable.Repeat("[", 500_000)), "too-deep").SetName("Deep_flow_list");
        yield return new TestCaseData(string.Concat(Enumerable.Repeat("- ", 300_000)), "too-deep").SetName("Deep_block_list");
        yield return new TestCaseData("name: a\nname: b", "duplicate-key").SetName("Duplicate_key");
        yield return new TestCaseData("name: *nobody", "unknown-anchor").SetName("Unknown_anchor");
        yield return new TestCaseData("a: &x [*x]", "unknown-anchor").SetName("Anchor_in_itself");
        yield return new TestCaseData("<<: { a: 1 }", "merge-key").SetName("Merge_key");
        yield return new TestCaseData("? [a]\n: b", "bad-key").SetName("List_as_key");
        yield return new TestCaseData("a: 1\n---\nb: 2", "several-documents").SetName("Two_documents");
        yield return new TestCaseData("a: \"unfinished", "broken-yaml").SetName("Unfinished_text");
        yield return new TestCaseData("", "empty-file").SetName("Empty_file");
        yield return new TestCaseData("- a list", "not-a-rule").SetName("List_instead_of_a_rule");
    }

    [TestCaseSource(nameof(Attacks)), CancelAfter(5000)]
    public void Is_refused_with_its_code(string yaml, string code)
    {
        var result = _tests.TryParse(yaml);
        Assert.Multiple(() =>
        {
            Assert.That(result.Rule, Is.Null);
            Assert.That(result.Errors.Select(error => error.Code), Has.Some.EqualTo(code));
        });
    }

    [Test]
    public void Damaged_rules_never_throw()
    {
        var yaml = File.ReadAllText(ShippedRules.PathOf("process_document_upload.yaml"));
        _ = ShippedRules.Load(_tests);
        Gen.Select(Gen.Int[0, yaml.Length - 1], Gen.Int[0, 40], Gen.String[Gen.Char["{}[]:&*!|>'\"$ \n\t-,#%@`a0"], 0, 8]).Sample(
            change =>
            {
                var (at, cut, put) = change;
                var damaged = yaml[..at] + put + yaml[Math.Min(yaml.Length, at + cut)..];
                var result = _tests.TryParse(damaged);
                return result.Rule is not null || result.Errors.Any();
            },
            iter: 2000);
    }

    [TestCaseSource(nameof(RulesThatCostMuch)), CancelAfter(5000)]
    public void Large_rules_are_read_in_time(string yaml) => Assert.That(_tests.TryParse(yaml).Diagnostics, Has.Count.LessThanOrEqualTo(1001));

    private static IEnumerable<TestCaseData> RulesThatCostMuch()
    {
        yield return new TestCaseData(TestVocabulary.RuleOf(string.Concat(Enumerable.Range(0, 3000).Select(i => $"  - {{ name: S{i}, action: look, on_success: S{(i + 1) % 3000} }}\n")))).SetName("Three_thousand_steps_in_a_circle");
        yield return new TestCaseData(TestVocabulary.RuleOf("  - { name: First, action: look }", string.Concat(Enumerable.Range(0, 8000).Select(i => $"prioritty{i}: x\n")))).SetName("Eight_thousand_unknown_keys");
        yield return new TestCaseData(TestVocabulary.RuleOf(string.Concat(Enumerable.Range(0, 2000).Select(i => $"  - {{ name: S{i}, action: look, on_success: nowhere {i} }}\n")))).SetName("Two_thousand_prose_targets");
        yield return new TestCaseData(TestVocabulary.RuleOf($"  - {{ name: First, action: custom_logic, params: {{ logic: \"{new string('(', 9000)}\" }} }}")).SetName("Nine_thousand_open_brackets");
        yield return new TestCaseData(TestVocabulary.RuleOf($"  - {{ name: First, action: custom_logic, params: {{ logic: \"{string.Join(" < ", Enumerable.Repeat("a", 3000))}\" }} }}")).SetName("Three_thousand_chained_comparisons");
        yield return new TestCaseData(TestVocabulary.RuleOf($"  - {{ name: First, action: custom_logic, params: {{ logic: \"{string.Concat(Enumerable.Repeat("1 if a else ", 800))}0\" }} }}")).SetName("Eight_hundred_conditionals");
    }

    [Test]
    public void Random_texts_never_throw() =>
        Gen.String[Gen.Char["{}[]:&*!|>'\"$ \n\t-,#%@`?<~ab01é\0\uD800"], 0, 200].Sample(text => _tests.TryParse(text) is { } result && (result.Rule is not null || result.Errors.Any()), iter: 3000);

    [Test]
    public void Random_expressions_are_read_or_refused() =>
        Gen.String[Gen.Char["abB01.?:()[]{}<>=!&|+-*/%'\"`, \\nifelsM$_=>"], 0, 60].Sample(
            text => _tests.TryParse(TestVocabulary.RuleOf($"  - {{ name: First, action: custom_logic, params: {{ logic: {System.Text.Json.JsonSerializer.Serialize(text)} }} }}")) is { } result && (result.Rule is not null || result.Errors.Any()),
            iter: 3000);

    [Test]
    public void Bad_file_does_not_take_down_a_good_one()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "bad.yaml"), "name: [");
        File.WriteAllText(Path.Combine(folder.Path, "good.yaml"), TestVocabulary.RuleOf("  - { name: First, action: look }"));
        File.WriteAllText(Path.Combine(folder.Path, "good.tests.yaml"), "no rule at all");
        File.WriteAllText(Path.Combine(folder.Path, "other.yaml"), TestVocabulary.RuleOf("  - { name: Another, action: look }"));
        var rules = RuleSet.Load(new RuleParser(_tests.Vocabulary), folder.Path);
        Assert.Multiple(() =>
        {
            Assert.That(rules.Rules.Select(rule => rule.FileName), Is.EqualTo(new[] { "good.yaml" }));
            Assert.That(rules.Files.SelectMany(file => file.Errors).Select(error => error.Code), Is.EqualTo(new[] { "broken-yaml", "duplicate-rule" }));
        });
    }

    [Test]
    public void Newest_version_is_taken_and_an_older_one_is_still_found_by_its_hash()
    {
        var parser = new RuleParser(_tests.Vocabulary);
        var yaml = TestVocabulary.RuleOf("  - { name: First, action: look }");
        var old = parser.Parse(yaml, "a.yaml");
        var rules = new RuleSet([parser.Parse(yaml.Replace("1.0.0", "1.10.0", StringComparison.Ordinal), "c.yaml"), old, parser.Parse(yaml.Replace("1.0.0", "1.9.0", StringComparison.Ordinal), "b.yaml")]);
        Assert.Multiple(() =>
        {
            Assert.That(rules.Find("test_rule")!.Version, Is.EqualTo("1.10.0"));
            Assert.That(rules.FindByHash(old.Rule!.Hash), Is.SameAs(old.Rule));
        });
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("dox-rules-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
