using System.Text.Json;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Infrastructure.Data;

namespace Dox.Orchestration.Tests.Rules;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
internal sealed class BacktestRuleTests(DatabaseProvider database)
{
    private static string Rule(string version, double limit) => FormattableString.Invariant($$"""
        name: judge
        service: Tests
        version: "{{version}}"
        trigger: { type: manual, source: a test }
        configuration: { limit: {{limit}} }
        input: [score]
        steps:
          - name: Decide
            action: custom_logic
            params: { logic: "evaluate_confidence_score(score, limit, 0.1)" }
            output: confidence
            branches:
              - { when: confidence.decision === 'auto_accepted', to: workflow_complete }
              - { to: too_low }
        error_handling: { too_low: { policy: fail, message: "Too low." } }
        output: { decision: "${ confidence.decision }" }
        """);

    [Test, CancelAfter(60_000)]
    public async Task Outcomes_that_flip_are_listed_with_the_line_that_decides(CancellationToken cancellationToken)
    {
        await using var host = await RuleHost.StartAsync(database, rules: [("judge.yaml", Rule("1.0.0", 0.5))]);
        foreach (var score in new[] { "0.4", "0.6", "0.9" })
        {
            var (status, started) = await host.SendAsync(HttpMethod.Post, "workflows", "{\"rule_name\":\"judge\",\"context\":{\"score\":" + score + "}}", "application/json");
            Assert.That(status, Is.EqualTo(201), started.ToString());
            using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while ((await host.GetAsync($"workflows/{started.GetProperty("workflow_id").GetString()}")).GetProperty("status").GetString() is "pending" or "running") await look.WaitForNextTickAsync(cancellationToken);
        }

        var (_, body) = await host.SendAsync(HttpMethod.Post, "rules/backtest", JsonSerializer.Serialize(new { source = Rule("1.1.0", 0.7) }), "application/json");

        var flipped = body.GetProperty("flipped").EnumerateArray().Single();
        Assert.Multiple(() =>
        {
            Assert.That((body.GetProperty("compared").GetInt32(), body.GetProperty("same").GetInt32(), body.GetProperty("unknown").GetArrayLength(), body.GetProperty("complete").GetBoolean()), Is.EqualTo((3, 2, 0, true)), body.ToString());
            Assert.That((flipped.GetProperty("before").GetProperty("state").GetString(), flipped.GetProperty("after").GetProperty("state").GetString()), Is.EqualTo(("success", "failed")));
            Assert.That((flipped.GetProperty("decided_by").GetProperty("step").GetString(), flipped.GetProperty("ran_version").GetString()), Is.EqualTo(("Decide", "1.0.0")));
            Assert.That(host.Book.Find("judge")!.Version, Is.EqualTo("1.0.0"), "nothing was kept");
        });

        var same = await host.Host.SendAsync(new BacktestRule.Query("judge", BaselineVersion: "1.0.0"), cancellationToken: cancellationToken);
        Assert.That((same.Compared, same.Same), Is.EqualTo((3, 3)));
    }

    [TestCase("""{"rule_name":"nothing"}""", 404, "rule_not_found")]
    [TestCase("""{"rule_name":"validate_file_for_upload","baseline_version":"7.0.0"}""", 404, "version_not_found")]
    [TestCase("""{"rule_name":"validate_file_for_upload","limit":5000}""", 400, "invalid_limit")]
    public async Task Bad_words_are_refused(string body, int status, string code)
    {
        await using var host = await RuleHost.StartAsync(database);
        var answer = await host.SendAsync(HttpMethod.Post, "rules/backtest", body, "application/json");
        Assert.That((answer.Status, answer.Body.ToString().Contains(code, StringComparison.Ordinal)), Is.EqualTo((status, true)), answer.Body.ToString());
    }
}
