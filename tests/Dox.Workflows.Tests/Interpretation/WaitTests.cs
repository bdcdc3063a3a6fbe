using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Tests.Interpretation;

public sealed class WaitTests
{
    private const string Review = """
          - { name: A, action: look }
          - { name: Review, action: manual_intervention, params: { team: Document, subject: "Is {a} right?" }, output: decision, on_failure: rejected }
          - { name: B, action: look, params: { at: "{decision.template_id}" } }
        """;

    private const string Rejected = """error_handling: { rejected: { policy: fail, message: "Rejected: {error_message}" } }""";

    private static async Task<RunFixture> WaitingForReview()
    {
        var run = new RunFixture(Review, Rejected, """{ "a": "this" }""");
        await run.Advance();
        return run;
    }

    [Test]
    public async Task Person_is_asked_and_nothing_happens_until_they_answer()
    {
        var run = await WaitingForReview();
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.WaitingForHuman));
            Assert.That(run.State.Wait, Has.Property("Step").EqualTo("Review").And.Property("Visit").EqualTo(1).And.Property("Kind").EqualTo(WaitKind.Human));
            Assert.That(run.State.Wait!.Data!["subject"]!.GetValue<string>(), Is.EqualTo("Is this right?"));
            Assert.That(run.State.WakeAt, Is.Null);
            Assert.That(run.Services.MustPersist[^1], Is.True);
        });
        run.Clock.Advance(TimeSpan.FromDays(400));
        await run.Advance();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.WaitingForHuman));
    }

    [Test]
    public async Task Approval_is_the_steps_result()
    {
        var run = await WaitingForReview();
        run.Clock.Advance(TimeSpan.FromHours(1));
        var attempt = run.Answer(WaitDecision.Done, new JsonObject { ["template_id"] = "t1" });
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(attempt, Has.Property("Status").EqualTo(StepStatus.Success).And.Property("IdempotencyKey").EqualTo("run/Review/1"));
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
            Assert.That(run.Tests.Calls[^1].Parameters["at"]!.GetValue<string>(), Is.EqualTo("t1"));
            Assert.That(run.State.Steps["Review"].DurationMs, Is.EqualTo(3_600_000));
        });
    }

    [Test]
    public async Task Rejection_goes_the_way_of_a_failure()
    {
        var run = await WaitingForReview();
        run.Answer(WaitDecision.Refused, new JsonObject { ["decided_by"] = "anna" }, "It is a menu.");
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed));
            Assert.That(run.State.Error, Has.Property("Code").EqualTo("refused").And.Property("Message").EqualTo("Rejected: It is a menu."));
            Assert.That(run.State.Error!.Details!["decided_by"]!.GetValue<string>(), Is.EqualTo("anna"));
            Assert.That(run.Tests.CalledSteps, Is.EqualTo(new[] { "A" }));
        });
    }

    [Test]
    public async Task Answer_to_another_wait_changes_nothing()
    {
        var run = await WaitingForReview();
        var before = RunStateJson.WriteText(run.State);
        Assert.Multiple(() =>
        {
            Assert.That(run.Interpreter.Answer(run.Rule, run.State, new WaitAnswer("Review", 2, WaitDecision.Done)), Is.Null);
            Assert.That(run.Interpreter.Answer(run.Rule, run.State, new WaitAnswer("A", 1, WaitDecision.Done)), Is.Null);
            Assert.That(RunStateJson.WriteText(run.State), Is.EqualTo(before));
        });
    }

    [Test]
    public async Task Second_answer_changes_nothing()
    {
        var run = await WaitingForReview();
        run.Answer(WaitDecision.Done);
        await run.Advance();
        Assert.That(run.Interpreter.Answer(run.Rule, run.State, new WaitAnswer("Review", 1, WaitDecision.Refused)), Is.Null);
    }

    [Test]
    public async Task Failure_that_a_person_looks_at_can_be_tried_again()
    {
        var run = new RunFixture("  - { name: A, action: look, on_failure: manual_intervention }");
        run.Tests.Script("A", RunFixture.Fails());
        await run.Advance();
        Assert.That((run.State.Status, run.State.Wait!.FromPolicy), Is.EqualTo((RunStatus.WaitingForHuman, true)));
        run.Answer(WaitDecision.TryAgain);
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
            Assert.That(run.Tests.Calls.Select(call => (call.Key, call.Attempt)), Is.EqualTo(new[] { ("run/A/1", 1), ("run/A/1", 2) }));
        });
    }

    [Test]
    public async Task Child_that_is_told_of_twice_is_no_answer_to_the_question_that_its_failure_raised()
    {
        var run = new RunFixture("  - { name: A, action: look, on_failure: manual_intervention }");
        run.Tests.Script("A", RunFixture.Fails());
        await run.Advance();
        Assert.That(run.Interpreter.Answer(run.Rule, run.State, new WaitAnswer("A", 1, WaitDecision.TryAgain, To: WaitKind.Workflow)), Is.Null);
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.WaitingForHuman));
    }

    [Test]
    public async Task Failure_that_a_person_refuses_fails_the_run()
    {
        var run = new RunFixture("  - { name: A, action: look, on_failure: manual_intervention }");
        run.Tests.Script("A", RunFixture.Fails());
        await run.Advance();
        run.Answer(WaitDecision.Refused, reason: "Not worth it.");
        Assert.That((run.State.Status, run.State.Error!.Message), Is.EqualTo((RunStatus.Failed, "Not worth it.")));
    }

    [TestCase("seconds: 90", 90_000)]
    [TestCase("until: 2026-03-01T12:10:00Z", 600_000)]
    public async Task Timer_goes_on_when_its_time_has_come(string parameters, double milliseconds)
    {
        var run = new RunFixture($$"""
              - { name: A, action: wait, params: { {{parameters}} } }
              - { name: B, action: look }
            """);
        Assert.That(await run.AdvanceThroughTime(), Is.EqualTo(new[] { milliseconds }));
        Assert.That(run.Services.Path, Is.EqualTo(new[] { "A:Waiting", "A:Success", "B:Success" }));
    }

    [Test]
    public async Task Event_is_the_steps_result()
    {
        var run = new RunFixture("""
              - { name: A, action: wait, params: { event: paid, match: { id: "{id}" } } }
              - { name: B, action: look, params: { at: "{amount}" } }
            """, input: """{ "id": 7 }""");
        await run.Advance();
        Assert.That(run.State.Wait!.Data!.ToJsonString(), Is.EqualTo("""{"event":"paid","match":{"id":7}}"""));
        run.Answer(WaitDecision.Done, new JsonObject { ["amount"] = 5 });
        await run.Advance();
        Assert.That(run.Tests.Calls.Single().Parameters["at"]!.GetValue<int>(), Is.EqualTo(5));
    }

    [Test]
    public async Task Event_that_does_not_come_in_time_is_a_failure()
    {
        var run = new RunFixture("""
              - { name: A, action: wait, params: { event: paid, timeout_seconds: 60 }, on_failure: B }
              - { name: B, action: look }
            """);
        Assert.That(await run.AdvanceThroughTime(), Is.EqualTo(new[] { 60_000.0 }));
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Steps["A"].Error!.Code, Is.EqualTo("timeout"));
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
        });
    }

    [Test]
    public async Task Step_that_waits_for_an_absent_part_is_tried_again_when_it_wakes()
    {
        var run = new RunFixture("  - { name: A, action: look }");
        run.Tests.Script("A", StepOutcome.WaitFor(WaitKind.AbsentPart, new JsonObject { ["part"] = "scanner" }, run.Clock.GetUtcNow().AddSeconds(30)));
        Assert.That(await run.AdvanceThroughTime(), Is.EqualTo(new[] { 30_000.0 }));
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
            Assert.That(run.Tests.Calls.Select(call => call.Key), Is.EqualTo(new[] { "run/A/1", "run/A/1" }));
        });
    }

    [Test]
    public async Task Paused_run_does_not_move()
    {
        var run = new RunFixture("  - { name: A, action: look }");
        run.State.Status = RunStatus.Paused;
        await run.Advance();
        Assert.That(run.Tests.Calls, Is.Empty);
    }
}
