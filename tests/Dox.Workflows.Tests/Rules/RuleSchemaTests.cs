using System.Text.Json;
using Dox.Workflows.Rules;
using Dox.Workflows.Rules.Yaml;
using Json.Schema;

namespace Dox.Workflows.Tests.Rules;

/// <summary>The schema that is committed for editors; another test says when it drifts from the code.</summary>
public sealed class RuleSchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(File.ReadAllText(Path.Combine(ShippedRules.Folder, "..", "docs", "reference", "rule.schema.json")));

    private static IEnumerable<string> Shipped() => RuleSet.FilesIn(ShippedRules.Folder).Select(file => Path.GetFileName(file)!);

    private static bool IsValid(string yaml) => Schema.Evaluate(JsonSerializer.SerializeToElement(YamlLoader.Load(yaml, new DiagnosticBag())!.ToJson())).IsValid;

    [TestCaseSource(nameof(Shipped))]
    public void Shipped_rule_is_valid(string file) => Assert.That(IsValid(File.ReadAllText(ShippedRules.PathOf(file))), Is.True);

    [TestCase("name: shipped", "name: Not Snake")]
    [TestCase("version: \"1.0.0\"", "version: one")]
    [TestCase("priority: high", "prioritty: high")]
    [TestCase("priority: high", "priority: urgent")]
    [TestCase("type: manual", "type: sometimes")]
    [TestCase("action: wait", "action: wiat")]
    [TestCase("seconds: 1", "secnds: 1")]
    [TestCase("on_success: workflow_complete", "on_succes: workflow_complete")]
    [TestCase("service: dox-core-store", "service: dox-core-sotre")]
    [TestCase("service: dox-core-store, ", "")]
    [TestCase("{ trouble: retry }", "{ trouble: retyr }")]
    [TestCase("max_attempts: 3", "max_attempts: 1000")]
    [TestCase("to: workflow_complete", "too: workflow_complete")]
    public void Slip_is_marked(string good, string bad)
    {
        const string rule = """
            name: shipped
            version: "1.0.0"
            priority: high
            trigger: { type: manual, source: by a test }
            steps:
              - { name: First, action: wait, params: { seconds: 1 }, branches: [{ to: workflow_complete }] }
              - { name: Second, action: api_call, params: { service: dox-core-store, endpoint: /api/documents }, retry: { max_attempts: 3 }, on_success: workflow_complete }
            error_handling: { trouble: retry }
            """;
        Assert.Multiple(() =>
        {
            Assert.That(IsValid(rule), Is.True);
            Assert.That(IsValid(rule.Replace(good, bad, StringComparison.Ordinal)), Is.False, bad);
        });
    }

    [Test]
    public void Ten_mistakes_are_not_valid() => Assert.That(IsValid(File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Rules", "Files", "ten-mistakes.yaml"))), Is.False);
}
