using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Tests.Expressions;

public sealed class TemplateTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static async Task<string> Evaluate(string value)
    {
        var tests = new TestVocabulary();
        var rule = tests.Parse(TestVocabulary.RuleOf($$"""
              - name: First
                action: look
                params:
                  at: {{value}}
            """));
        var state = RunState.Start(rule, "run", JsonNode.Parse("""{ "a": 5, "b": { "c": "x" }, "name": "Anna" }"""), Now);
        await new RuleInterpreter(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Now)).AdvanceAsync(rule, state, new RecordingServices(), CancellationToken.None);
        return tests.Calls.Single().Parameters["at"]?.ToJsonString() ?? "null";
    }

    [TestCase("\"${ a }\"", "5")]
    [TestCase("\"${ a + 1 }\"", "6")]
    [TestCase("\"{a}\"", "5")]
    [TestCase("\"{b.c}\"", "\"x\"")]
    [TestCase("\"Hello {name}, ${ a * 2 } times {not closed\"", "\"Hello Anna, 10 times {not closed\"")]
    [TestCase("\"{a, name}\"", """{"a":5,"name":"Anna"}""")]
    [TestCase("{a, name}", """{"a":5,"name":"Anna"}""")]
    [TestCase("\"{k: '{a}', l: [1, x]}\"", """{"k":5,"l":[1,"x"]}""")]
    [TestCase("{ x: \"{a}\", y: [1, true, null, text] }", """{"x":5,"y":[1,true,null,"text"]}""")]
    [TestCase("\"{}\"", "\"{}\"")]
    [TestCase("\"a {b} c: {1+1}\"", "\"a {\\u0022c\\u0022:\\u0022x\\u0022} c: {1\\u002B1}\"")]
    [TestCase("\"{ISO8601}\"", "\"2026-03-01T12:00:00.000Z\"")]
    [TestCase("\"{ISO8601 + 24h}\"", "\"2026-03-02T12:00:00.000Z\"")]
    [TestCase("\"${ '}' + a }\"", "\"}5\"")]
    [TestCase("\"5\"", "\"5\"")]
    [TestCase("5", "5")]
    [TestCase("+1", "\"\\u002B1\"")]
    public async Task Value_is_filled_in(string yaml, string expected) => Assert.That(await Evaluate(yaml), Is.EqualTo(expected));

    [Test]
    public async Task New_id_is_the_same_when_the_step_runs_again()
    {
        var first = await Evaluate("\"{UUID}\"");
        Assert.Multiple(async () =>
        {
            Assert.That(Guid.TryParse(first.Trim('"'), out _), Is.True);
            Assert.That(await Evaluate("\"{UUID}\""), Is.EqualTo(first));
        });
    }
}
