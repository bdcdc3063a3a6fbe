using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Tests.Interpretation;

public sealed class FailureTests
{
    [Test]
    public async Task Failure_without_a_policy_fails_the_run_with_its_message()
    {
        var run = new RunFixture("  - { name: A, action: look, error_message: \"A went wrong - {validation_error} ({why})\" }");
        run.Tests.Script("A", RunFixture.Fails("broken", httpStatus: 418));
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed));
            Assert.That(run.State.Error, Has.Property("Code").EqualTo("broken").And.Property("Step").EqualTo("A").And.Property("HttpStatus").EqualTo(418));
            Assert.That(run.State.Error!.Message, Is.EqualTo("A went wrong - It is broken. (because)"));
        });
    }

    [Test]
    public async Task Policy_retry_tries_three_times_more_after_100_300_and_900_ms()
    {
        var run = new RunFixture("  - { name: A, action: look, on_failure: retry }");
        run.Tests.Script("A", RunFixture.Fails(), RunFixture.Fails(), RunFixture.Fails(), RunFixture.Fails());
        var delays = await run.AdvanceThroughTime();
        Assert.Multiple(() =>
        {
            Assert.That(delays, Is.EqualTo(new[] { 100.0, 300.0, 900.0 }));
            Assert.That(run.Tests.Calls.Select(call => (call.Key, call.Attempt)), Is.EqualTo(new[] { ("run/A/1", 1), ("run/A/1", 2), ("run/A/1", 3), ("run/A/1", 4) }));
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed));
        });
    }

    [Test]
    public async Task Retry_that_helps_goes_on()
    {
        var run = new RunFixture("""
              - { name: A, action: look, retry: { max_attempts: 2, backoff: fixed, base_delay_ms: 50 } }
              - { name: B, action: look }
            """);
        run.Tests.Script("A", RunFixture.Fails(), RunFixture.Fails());
        Assert.That(await run.AdvanceThroughTime(), Is.EqualTo(new[] { 50.0, 50.0 }));
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
            Assert.That(run.State.Steps["A"], Has.Property("Attempts").EqualTo(3).And.Property("DurationMs").EqualTo(100));
            Assert.That(run.State.Error, Is.Null);
        });
    }

    [Test]
    public async Task Failure_that_cannot_be_helped_is_not_tried_again()
    {
        var run = new RunFixture("  - { name: A, action: look, retry: { max_attempts: 5 }, on_failure: retry }");
        run.Tests.Script("A", RunFixture.Fails(retryable: false));
        Assert.That(await run.AdvanceThroughTime(), Is.Empty);
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed));
    }

    [Test]
    public async Task Retry_condition_decides_by_the_error()
    {
        var run = new RunFixture("  - { name: A, action: look, retry: { max_attempts: 5, base_delay_ms: 10, max_delay_ms: 10, when: error.code === 'busy' } }");
        run.Tests.Script("A", RunFixture.Fails("busy"), RunFixture.Fails("busy"), RunFixture.Fails("broken"));
        Assert.That(await run.AdvanceThroughTime(), Is.EqualTo(new[] { 10.0, 10.0 }));
        Assert.That(run.State.Error!.Code, Is.EqualTo("broken"));
    }

    [Test]
    public async Task Short_delays_are_sat_out_in_memory()
    {
        var run = new RunFixture("  - { name: A, action: look, on_failure: retry }", services: new RecordingServices { LongestPause = TimeSpan.FromSeconds(1) });
        run.Tests.Script("A", RunFixture.Fails());
        var running = run.Advance();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Retry));
        run.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.That((await running).Status, Is.EqualTo(RunStatus.Success));
    }

    [Test]
    public async Task Retries_that_did_not_help_lead_to_what_comes_then()
    {
        var run = new RunFixture("  - { name: A, action: look, on_failure: trouble }", "error_handling: { trouble: { policy: retry, max_attempts: 1, then: escalate } }");
        run.Tests.Script("A", RunFixture.Fails(), RunFixture.Fails());
        Assert.That(await run.AdvanceThroughTime(), Is.EqualTo(new[] { 100.0 }));
        Assert.That((run.State.Status, run.State.Error!.Code), Is.EqualTo((RunStatus.Escalated, "broken")));
    }

    [Test]
    public async Task Skipped_failure_goes_on()
    {
        var run = new RunFixture("""
              - { name: A, action: look, on_failure: skip_step }
              - { name: B, action: look }
            """);
        run.Tests.Script("A", RunFixture.Fails());
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(run.Services.Path, Is.EqualTo(new[] { "A:Skipped", "B:Success" }));
            Assert.That(run.State.Steps["A"].Error!.Code, Is.EqualTo("broken"));
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
        });
    }

    [Test]
    public async Task Failure_can_lead_to_a_step()
    {
        var run = new RunFixture("""
              - { name: A, action: look, on_failure: Mend }
              - { name: B, action: look, on_success: workflow_complete }
              - { name: Mend, action: look, params: { at: "{error_message}" }, on_success: B }
            """);
        run.Tests.Script("A", RunFixture.Fails());
        await run.Advance();
        Assert.That(run.Tests.CalledSteps, Is.EqualTo(new[] { "A", "Mend", "B" }));
    }

    [Test]
    public async Task Rejection_carries_status_and_findings()
    {
        var run = new RunFixture("""
              - { name: A, action: look, branches: [{ when: passed, to: B }, { to: refuse }] }
              - { name: B, action: look }
            """, """error_handling: { refuse: { policy: reject_request, status: "${ 400 + 13 }", message: "Too large: {size}" } }""");
        run.Tests.Script("A", StepOutcome.Success(new System.Text.Json.Nodes.JsonObject { ["passed"] = false, ["size"] = 7 }));
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed));
            Assert.That(run.State.Error, Has.Property("Rejected").True.And.Property("HttpStatus").EqualTo(413).And.Property("Message").EqualTo("Too large: 7"));
            Assert.That(run.State.Error!.Details!["size"]!.GetValue<int>(), Is.EqualTo(7));
            Assert.That(run.State.Steps["A"].Status, Is.EqualTo(StepStatus.Success));
        });
    }

    [Test]
    public async Task Rollback_undoes_what_was_done_newest_first()
    {
        var run = new RunFixture("""
              - { name: A, action: look, output: a, compensate: { action: look, params: { at: "{a}" } } }
              - { name: B, action: look, compensate: { action: look, params: { at: b } } }
              - { name: C, action: look, on_failure: rollback }
            """);
        run.Tests.Script("A", StepOutcome.Success("first"));
        run.Tests.Script("C", RunFixture.Fails());
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(run.Tests.Calls.Select(call => call.Key), Is.EqualTo(new[] { "run/A/1", "run/B/1", "run/C/1", "run/B/1/undo", "run/A/1/undo" }));
            Assert.That(run.Tests.Calls[^1].Parameters["at"]!.GetValue<string>(), Is.EqualTo("first"));
            Assert.That((run.State.Status, run.State.Error!.Code), Is.EqualTo((RunStatus.Failed, "broken")));
        });
    }

    [Test]
    public async Task Compensation_that_fails_is_tried_again_and_then_escalated()
    {
        var run = new RunFixture("""
              - { name: A, action: look, compensate: { action: look } }
              - { name: B, action: look, on_failure: rollback }
            """);
        run.Tests.Script("A", StepOutcome.Success(), RunFixture.Fails(), RunFixture.Fails(), RunFixture.Fails(), RunFixture.Fails());
        run.Tests.Script("B", RunFixture.Fails());
        Assert.That(await run.AdvanceThroughTime(), Is.EqualTo(new[] { 100.0, 300.0, 900.0 }));
        Assert.That((run.State.Status, run.State.Error!.Code), Is.EqualTo((RunStatus.Escalated, "compensation_failed")));
    }

    [Test]
    public async Task Retry_logic_runs_the_failed_step_again()
    {
        var run = new RunFixture("""
              - { name: A, action: look, on_failure: Again }
              - { name: B, action: look, on_success: workflow_complete }
              - { name: Again, action: retry_logic, params: { attempts: 2, base_delay_ms: 40 }, on_failure: escalate }
            """);
        run.Tests.Script("A", RunFixture.Fails(), RunFixture.Fails());
        Assert.That(await run.AdvanceThroughTime(), Is.EqualTo(new[] { 40.0, 40.0 }));
        Assert.Multiple(() =>
        {
            Assert.That(run.Services.Path, Is.EqualTo(new[] { "A:Failed", "Again:Success", "A:Failed", "A:Success", "B:Success" }));
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
        });
    }

    [Test]
    public async Task Retry_logic_that_does_not_help_has_failed_itself()
    {
        var run = new RunFixture("""
              - { name: A, action: look, on_failure: Again }
              - { name: B, action: look, on_success: workflow_complete }
              - { name: Again, action: retry_logic, params: { attempts: 1, base_delay_ms: 40 }, on_failure: escalate }
            """);
        run.Tests.Script("A", RunFixture.Fails(), RunFixture.Fails());
        await run.AdvanceThroughTime();
        Assert.That((run.State.Status, run.State.Error!.Step), Is.EqualTo((RunStatus.Escalated, "A")));
    }

    [Test]
    public async Task Attempt_that_takes_too_long_is_given_up()
    {
        var tests = new TestVocabulary();
        var began = new TaskCompletionSource();
        tests.Vocabulary.Add(new ActionDefinition("hang", "", [], async (_, token) =>
        {
            began.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return StepOutcome.Success();
        }));
        var rule = tests.Parse(TestVocabulary.RuleOf("  - { name: A, action: hang, timeout_seconds: 2 }"));
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var state = RunState.Start(rule, "run", null, clock.GetUtcNow());
        var running = new RuleInterpreter(clock).AdvanceAsync(rule, state, new RecordingServices(), CancellationToken.None).AsTask();
        await began.Task;
        clock.Advance(TimeSpan.FromSeconds(2));
        await running;
        Assert.That((state.Status, state.Error!.Code, state.Error.HttpStatus), Is.EqualTo((RunStatus.Failed, "timeout", 504)));
    }

    [Test]
    public async Task Cancelled_attempt_counts_as_not_made()
    {
        var tests = new TestVocabulary();
        using var stop = new CancellationTokenSource();
        tests.Vocabulary.Add(new ActionDefinition("stop", "", [], async (_, token) =>
        {
            await stop.CancelAsync();
            token.ThrowIfCancellationRequested();
            return StepOutcome.Success();
        }));
        var rule = tests.Parse(TestVocabulary.RuleOf("  - { name: A, action: look }\n  - { name: B, action: stop }"));
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var state = RunState.Start(rule, "run", null, clock.GetUtcNow());
        var services = new RecordingServices();
        Assert.That(async () => await new RuleInterpreter(clock).AdvanceAsync(rule, state, services, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.Multiple(() =>
        {
            Assert.That(RunStateJson.WriteText(state), Is.EqualTo(services.Checkpoints.Single()));
            Assert.That((state.Cursor, state.VisitsOf("B")), Is.EqualTo(("B", 0)));
        });
    }

    [Test]
    public async Task Handler_that_throws_fails_its_step()
    {
        var tests = new TestVocabulary();
        tests.Vocabulary.AddFunction("explode", [], _ => throw new InvalidOperationException("Boom."));
        var rule = tests.Parse(TestVocabulary.RuleOf("  - { name: A, action: custom_logic, params: { logic: explode() } }"));
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var state = RunState.Start(rule, "run", null, clock.GetUtcNow());
        await new RuleInterpreter(clock).AdvanceAsync(rule, state, new RecordingServices(), CancellationToken.None);
        Assert.That((state.Error!.Code, state.Error.Message), Is.EqualTo(("step_error", "Boom.")));
    }

    [Test]
    public async Task Expression_that_fails_fails_its_step()
    {
        var run = new RunFixture("  - { name: A, action: look, params: { at: \"${ nothing.x }\" }, on_failure: skip_step }");
        await run.Advance();
        Assert.That(run.State.Steps["A"].Error!.Code, Is.EqualTo("bad_expression"));
    }
}
