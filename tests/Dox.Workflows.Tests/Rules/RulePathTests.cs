using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests.Rules;

internal sealed class RulePathTests
{
    [TestCase("/api/claims", "/claims")]
    [TestCase("/api/v1/claims/", "/claims")]
    [TestCase("/API/V1/claims/{claim_id}/pages", "/claims/{claim_id}/pages")]
    [TestCase("/api/v1", "/v1")]
    [TestCase("/api/", null)]
    [TestCase("/claims", null)]
    [TestCase("/api//claims", null)]
    [TestCase("/api/claims/{a}/{A}", null)]
    [TestCase("/api/claims/{**rest}", null)]
    [TestCase("/api/claims/{id:int}", null)]
    [TestCase("/api/claims?x=1", null)]
    [TestCase("/api/claims/%2e%2e", null)]
    [TestCase("/api/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q", null)]
    public void Path_that_a_rule_can_answer_is_below_api_with_plain_segments(string path, string? relative) =>
        Assert.That(RulePath.Relative(path), Is.EqualTo(relative));

    [TestCase("/claims", "/Claims", true)]
    [TestCase("/claims/{}", "/claims/new", true)]
    [TestCase("/claims/{}", "/claims", false)]
    [TestCase("/claims/{}", "/claims/new/pages", false)]
    [TestCase("/files/{*}", "/files/a/b", true)]
    [TestCase("/a/{x}/c", "/a/b/{y}", true)]
    [TestCase("/a/{x}/c", "/a/b/d", false)]
    public void Paths_overlap_where_one_address_is_meant_by_both(string left, string right, bool overlap) =>
        Assert.That((RulePath.Overlap(left, right), RulePath.Overlap(right, left)), Is.EqualTo((overlap, overlap)));

    [Test]
    public void Route_of_the_host_is_no_rules()
    {
        var parsed = new RuleParser(new TestVocabulary().Vocabulary).Parse(
            TestVocabulary.RuleOf("  - { name: First, action: look }", name: "taker").Replace("{ type: manual, source: by a test }", "{ type: api_request, source: GET /api/v1/claims/new OR GET /api/other }", StringComparison.Ordinal), "taker.yaml");
        var rules = new RuleSet([parsed], [new OwnRoute("GET", "/claims/{}"), new OwnRoute("POST", "/other")]);
        Assert.Multiple(() =>
        {
            Assert.That(rules.Routes().Select(route => $"{route.Method} {route.Path} {route.Rule.Name}"), Is.EqualTo(new[] { "GET /other taker" }));
            Assert.That(rules.Files[0].Diagnostics.Select(diagnostic => diagnostic.Message), Is.EqualTo(new[] { "DOX answers GET /api/v1/claims/new itself; 'taker' isn't started by it." }));
            Assert.That(new RuleSet([parsed], [new OwnRoute("GET", "/claims/{}", "taker")]).Files[0].Diagnostics, Is.Empty, "The rule that the host runs for that route may name it.");
        });
    }
}
