using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests.Rules;

public sealed class TenMistakesTests
{
    private static readonly (string Code, int Line, int Column)[] Mistakes =
    [
        ("bad-name", 1, 7), ("bad-version", 3, 10), ("unknown-key", 4, 1), ("bad-cron", 5, 36), ("unknown-action", 8, 13), ("unknown-service", 12, 24),
        ("unknown-parameter", 12, 56), ("unknown-step", 14, 17), ("unknown-function", 17, 22), ("bad-duration", 18, 22), ("duplicate-step", 20, 11),
        ("bad-expression", 22, 22), ("unreachable-step", 25, 5), ("unknown-name", 27, 24),
    ];

    private readonly RuleParseResult _result = new TestVocabulary().TryParse(File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Rules", "Files", "ten-mistakes.yaml")));

    [Test]
    public void Are_all_named_in_one_pass_with_their_places() =>
        Assert.That(_result.Diagnostics.Select(diagnostic => (diagnostic.Code, diagnostic.Line, diagnostic.Column)), Is.SupersetOf(Mistakes));

    [TestCase("unknown-key", "did you mean 'priority'?")]
    [TestCase("unknown-action", "did you mean 'api_call'?")]
    [TestCase("unknown-service", "did you mean 'store'?")]
    [TestCase("unknown-parameter", "did you mean 'body'?")]
    [TestCase("unknown-step", "did you mean 'Third'?")]
    [TestCase("unknown-function", "did you mean 'check'?")]
    public void Bring_the_name_that_was_meant(string code, string suggestion) =>
        Assert.That(_result.Diagnostics.First(diagnostic => diagnostic.Code == code).Suggestion, Is.EqualTo(suggestion));

    [Test]
    public void Keep_the_rule_from_loading() => Assert.That(_result.Rule, Is.Null);
}
