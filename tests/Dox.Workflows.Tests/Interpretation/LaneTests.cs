using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Tests.Interpretation;

public sealed class LaneTests
{
    private const string TwoBranches = """
          - name: Fan out
            action: parallel
            params:
              branches:
                a: [{ name: Check, action: look }, { name: Ask, action: manual_intervention, params: { team: Legal } }]
                b: [{ name: Check, action: look }, { name: Rest, action: wait, params: { seconds: 60 } }]
          - { name: Last, action: look }
        """;

    private static RunFixture Joined(string join, params string[] branches) => new($"""
          - name: Fan out
            action: parallel
            params: {"{"} join: {join}, branches: {"{"} {string.Join(", ", branches)} {"}"} {"}"}
            output: fan
        """);

    [Test]
    public async Task Branches_run_under_their_paths_and_their_results_stand_by_name()
    {
        var run = new RunFixture("""
              - name: Fan out
                action: parallel
                params:
                  branches:
                    a: [{ name: Check, action: look, output: seen }]
                    b: { steps: [{ name: Check, action: look, output: seen }], output: "${ seen.done_by + '!' }" }
              - { name: Last, action: data_transform, params: { mappings: { both: "${ a.seen.done_by + b }" } } }
            """);
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(run.Tests.Calls.Select(call => call.Key), Is.EqualTo(new[] { "run/Fan out/a/Check/1", "run/Fan out/b/Check/1" }));
            Assert.That(run.Services.Path, Is.EqualTo(new[] { "Fan out/a/Check:Success", "Fan out/b/Check:Success", "Fan out:Success", "Last:Success" }));
            Assert.That(run.State.Steps["Fan out"].Output!.ToJsonString(), Is.EqualTo("""{"a":{"seen":{"done_by":"Check"}},"b":"Check!"}"""));
            Assert.That(run.State.Context["both"]!.GetValue<string>(), Is.EqualTo("CheckCheck!"));
            Assert.That(run.State.Context.ContainsKey("seen"), Is.False, "what a lane produces stays in it");
            Assert.That(run.Services.Attempts[2].Decision, Is.EqualTo("2 of 2 lanes succeeded, 2 needed"));
        });
    }

    [Test]
    public async Task Several_waits_at_once_are_answered_by_path()
    {
        var run = new RunFixture(TwoBranches);
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Waits.Select(wait => (wait.Kind, wait.Step)), Is.EqualTo(new[] { (WaitKind.Human, "Fan out/a/Ask"), (WaitKind.Timer, "Fan out/b/Rest") }));
            Assert.That((run.State.Status, run.State.IsWaiting, run.State.WakeAt), Is.EqualTo((RunStatus.WaitingForHuman, true, run.Clock.GetUtcNow().AddSeconds(60))));
            Assert.That(run.Services.Attempts.Where(attempt => attempt.Opens is not null).Select(attempt => attempt.Opens!.Step), Is.EqualTo(new[] { "Fan out/a/Ask", "Fan out/b/Rest" }));
        });
        var kept = RunStateJson.Read(RunStateJson.WriteText(run.State));
        Assert.That(run.Interpreter.Answer(run.Rule, kept, new WaitAnswer("Fan out/b/Check", 1, WaitDecision.Done)), Is.Null);
        Assert.That(run.Interpreter.Answer(run.Rule, kept, new WaitAnswer("Ask", 1, WaitDecision.Done)), Is.Null);
        Assert.That(run.Interpreter.Answer(run.Rule, kept, new WaitAnswer("Fan out/a/Ask", 1, WaitDecision.Done, new JsonObject { ["ok"] = true }))!.Step, Is.EqualTo("Fan out/a/Ask"));
        Assert.That((kept.Status, kept.IsWaiting, kept.WakeAt), Is.EqualTo((RunStatus.Waiting, true, run.Clock.GetUtcNow().AddSeconds(60))));
        run.Clock.Advance(TimeSpan.FromSeconds(60));
        await run.Interpreter.AdvanceAsync(run.Rule, kept, run.Services, CancellationToken.None);
        Assert.That((kept.Status, kept.Output!["a"]!["ok"]!.GetValue<bool>()), Is.EqualTo((RunStatus.Success, true)));
    }

    [Test]
    public async Task Join_any_takes_the_first_and_cancels_the_rest()
    {
        var run = Joined("any", "a: [{ name: Ask, action: manual_intervention }]", "b: [{ name: Rest, action: wait, params: { seconds: 9 } }]", "c: [{ name: Look, action: look }, { name: Wait, action: wait, params: { seconds: 5 } }]");
        await run.AdvanceThroughTime();
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
            Assert.That(run.State.Context["fan"]!.ToJsonString(), Is.EqualTo("""{"c":{"done_by":"Look"}}"""));
            Assert.That(run.Services.Path, Is.EqualTo(new[]
            {
                "Fan out/a/Ask:Waiting", "Fan out/b/Rest:Waiting", "Fan out/c/Look:Success", "Fan out/c/Wait:Waiting", "Fan out/c/Wait:Success",
                "Fan out/a/Ask:Cancelled", "Fan out/b/Rest:Cancelled", "Fan out:Success",
            }));
            Assert.That(run.Services.Attempts[5].Closes.Single().Step, Is.EqualTo("Fan out/a/Ask"));
            Assert.That(run.Services.Attempts[5].Decision, Is.EqualTo("cancelled: enough lanes have succeeded"));
        });
    }

    [Test]
    public async Task Step_under_way_in_a_lane_that_is_not_needed_is_told_to_stop()
    {
        var tests = new TestVocabulary();
        var stopped = false;
        tests.Vocabulary.Add(new ActionDefinition("endless", "", [], async (_, token) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                stopped = true;
            }

            return StepOutcome.Success();
        }));
        var rule = tests.Parse(TestVocabulary.RuleOf("  - { name: F, action: parallel, params: { join: any, branches: { a: [{ name: A, action: endless }], b: [{ name: B, action: look }] } } }"));
        var state = RunState.Start(rule, "run", null, DateTimeOffset.UnixEpoch);
        var services = new RecordingServices();
        await new RuleInterpreter(TimeProvider.System).AdvanceAsync(rule, state, services, CancellationToken.None);
        Assert.Multiple(() =>
        {
            Assert.That(stopped, Is.True);
            Assert.That(services.Path, Is.EqualTo(new[] { "F/b/B:Success", "F/a/A:Cancelled", "F:Success" }));
        });
    }

    [Test]
    public async Task Join_of_a_number_fails_once_it_cannot_be_reached()
    {
        var run = Joined("2", "a: [{ name: A, action: look }]", "b: [{ name: B, action: look }]", "c: [{ name: C, action: manual_intervention }]");
        run.Tests.Script("A", RunFixture.Fails("broken", httpStatus: 418));
        run.Tests.Script("B", RunFixture.Fails());
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Error, Has.Property("Code").EqualTo("broken").And.Property("Step").EqualTo("Fan out").And.Property("HttpStatus").EqualTo(418));
            Assert.That(run.State.Error!.Message, Is.EqualTo("Fan out/a/A: It is broken."));
            Assert.That(run.Services.Path, Is.EqualTo(new[] { "Fan out/a/A:Failed", "Fan out/b/B:Failed", "Fan out:Failed" }), "the third lane was never begun");
        });
    }

    [Test]
    public async Task Policies_of_a_lane_stay_in_it()
    {
        var run = new RunFixture("""
              - name: Fan out
                action: parallel
                params:
                  branches:
                    a: [{ name: A, action: look, on_failure: skip_step }]
                    b: [{ name: B, action: look, retry: { max_attempts: 2, base_delay_ms: 50 } }]
                    c: [{ name: C, action: look, on_failure: D }, { name: D, action: look, on_success: workflow_complete }]
                on_failure: Last
              - { name: Never, action: look, on_success: workflow_complete }
              - { name: Last, action: look }
            """);
        run.Tests.Script("A", RunFixture.Fails());
        run.Tests.Script("B", RunFixture.Fails(), RunFixture.Fails());
        run.Tests.Script("C", RunFixture.Fails());
        var delays = await run.AdvanceThroughTime();
        Assert.That((run.State.Status, delays.Count, run.Tests.CalledSteps.Last()), Is.EqualTo((RunStatus.Success, 2, "Never")));
    }

    [Test]
    public async Task Lane_that_fails_leads_to_the_steps_own_failure()
    {
        var run = new RunFixture("""
              - { name: Fan out, action: parallel, params: { branches: { a: [{ name: A, action: look }], b: [{ name: B, action: manual_intervention }] } }, on_failure: Last }
              - { name: Never, action: look }
              - { name: Last, action: look }
            """);
        run.Tests.Script("A", RunFixture.Fails());
        await run.Advance();
        Assert.That((run.State.Status, string.Join(' ', run.Tests.CalledSteps)), Is.EqualTo((RunStatus.Success, "A Last")));
    }

    [Test]
    public async Task Retry_of_the_whole_keeps_the_lanes_keys()
    {
        var run = new RunFixture("""
              - { name: F, action: parallel, params: { branches: { a: [{ name: A, action: look }], b: [{ name: B, action: look }] } }, retry: { max_attempts: 1, base_delay_ms: 10 } }
            """);
        run.Tests.Script("B", RunFixture.Fails());
        Assert.That(await run.AdvanceThroughTime(), Is.EqualTo(new[] { 10.0 }));
        Assert.That(run.Tests.Calls.Select(call => call.Key), Is.EqualTo(new[] { "run/F/a/A/1", "run/F/b/B/1", "run/F/a/A/1", "run/F/b/B/1" }));
    }

    [Test]
    public async Task Loop_around_lanes_gives_them_new_keys()
    {
        var run = new RunFixture("""
              - { name: Count, action: custom_logic, params: { logic: "(n ?? 0) + 1" }, output: n }
              - name: F
                action: for_each
                params: { items: "${ [1] }", steps: [{ name: G, action: for_each, params: { items: "${ [1] }", steps: [{ name: A, action: look }] } }] }
                branches: [{ when: n < 3, to: Count }, { to: workflow_complete }]
            """);
        await run.Advance();
        Assert.That(run.Tests.Calls.Select(call => call.Key), Is.EqualTo(new[] { "run/F/0/G/0/A/1", "run/F/0/G/0/A/2", "run/F/0/G/0/A/3" }));
    }

    [Test]
    public async Task For_each_gives_each_item_its_name_and_collects_in_order()
    {
        var run = new RunFixture("""
              - name: Each
                action: for_each
                params:
                  items: "${ lines }"
                  as: line
                  output: "${ line.n * 10 + line_index }"
                  steps: [{ name: Look, action: look, params: { at: "{line}" } }]
                output: totals
              - { name: Last, action: custom_logic, params: { logic: "totals.length + (line ?? 0)" } , output: count }
            """, input: """{ "lines": [ { "n": 3 }, { "n": 2 }, { "n": 1 } ] }""");
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Context["totals"]!.ToJsonString(), Is.EqualTo("[30,21,12]"));
            Assert.That(run.State.Context["count"]!.GetValue<long>(), Is.EqualTo(3));
            Assert.That(run.Tests.Calls.Select(call => call.Key), Is.EqualTo(new[] { "run/Each/0/Look/1", "run/Each/1/Look/1", "run/Each/2/Look/1" }));
            Assert.That(run.Services.Attempts[3].Input!.ToJsonString(), Does.Contain("\"count\":3"));
        });
    }

    [Test]
    public async Task Items_wait_until_there_is_room()
    {
        var run = new RunFixture("  - { name: Each, action: for_each, params: { items: \"${ [1,2,3,4,5] }\", concurrency: 2, steps: [{ name: Rest, action: wait, params: { seconds: 10 } }] } }");
        await run.Advance();
        Assert.That(run.State.Waits.Select(wait => wait.Step), Is.EqualTo(new[] { "Each/0/Rest", "Each/1/Rest" }));
        Assert.That(await run.AdvanceThroughTime(), Is.EqualTo(new[] { 10_000.0, 10_000, 10_000 }));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
    }

    [TestCase("null", "[]")]
    [TestCase("[]", "[]")]
    public async Task Nothing_to_do_is_a_success(string items, string expected)
    {
        var run = new RunFixture("  - { name: Each, action: for_each, params: { items: list, steps: [{ name: Look, action: look }] }, output: all }", input: $$"""{ "list": {{items}} }""");
        await run.Advance();
        Assert.That((run.State.Status, run.State.Context["all"]!.ToJsonString()), Is.EqualTo((RunStatus.Success, expected)));
    }

    [TestCase("\"abc\"", "must be a list")]
    [TestCase("{ }", "must be a list")]
    public async Task Items_that_are_no_list_fail_the_step(string items, string message)
    {
        var run = new RunFixture("  - { name: Each, action: for_each, params: { items: list, steps: [{ name: Look, action: look }] } }", input: $$"""{ "list": {{items}} }""");
        await run.Advance();
        Assert.That(run.State.Error, Has.Property("Code").EqualTo("invalid_parameter").And.Property("Message").Contains(message));
    }

    [Test]
    public async Task Rollback_undoes_the_newest_first_across_lanes()
    {
        var run = new RunFixture("""
              - { name: Before, action: look, compensate: { action: look } }
              - name: Fan out
                action: parallel
                params:
                  branches:
                    a: [{ name: A, action: look, compensate: { action: look } }, { name: Ask, action: manual_intervention }]
                    b: [{ name: B, action: look, compensate: { action: look } }, { name: C, action: look, on_failure: rollback }]
            """);
        run.Tests.Script("C", RunFixture.Fails());
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Failed));
            Assert.That(run.Tests.Calls.Select(call => call.Key), Is.EqualTo(new[]
            {
                "run/Before/1", "run/Fan out/a/A/1", "run/Fan out/b/B/1", "run/Fan out/b/C/1",
                "run/Fan out/b/B/1/undo", "run/Fan out/a/A/1/undo", "run/Before/1/undo",
            }));
            Assert.That(run.Services.Attempts.Single(attempt => attempt.Decision?.Contains("rollback", StringComparison.Ordinal) == true).Closes.Single().Step, Is.EqualTo("Fan out/a/Ask"));
        });
    }

    [Test]
    public async Task Run_is_escalated_or_refused_from_within_a_lane()
    {
        foreach (var (policy, status, rejected) in new[] { ("escalate", RunStatus.Escalated, false), ("reject_request", RunStatus.Failed, true) })
        {
            var run = Joined("any", "a: [{ name: Ask, action: manual_intervention }]", $"b: [{{ name: B, action: look, on_failure: {policy} }}]");
            run.Tests.Script("B", RunFixture.Fails());
            await run.Advance();
            Assert.That((run.State.Status, run.State.Error!.Rejected, run.State.Error.Step, run.State.Waits.Count()), Is.EqualTo((status, rejected, "Fan out/b/B", 0)));
        }
    }

    [Test]
    public async Task Whole_takes_no_longer_than_its_time_out()
    {
        var run = new RunFixture("""
              - { name: F, action: parallel, timeout_seconds: 30, params: { branches: { a: [{ name: A, action: manual_intervention }], b: [{ name: B, action: look }] } }, on_failure: Last }
              - { name: Last, action: look }
            """);
        Assert.That(await run.AdvanceThroughTime(), Is.EqualTo(new[] { 30_000.0 }));
        Assert.That(run.Services.Path, Is.EqualTo(new[] { "F/a/A:Waiting", "F/b/B:Success", "F/a/A:Cancelled", "F:Failed", "Last:Success" }));
    }

    [Test]
    public async Task Lanes_that_wait_within_a_step_run_side_by_side()
    {
        var tests = new TestVocabulary();
        var all = new TaskCompletionSource();
        var begun = 0;
        tests.Vocabulary.Add(new ActionDefinition("meet", "", [], async (_, token) =>
        {
            if (Interlocked.Increment(ref begun) == 8) all.SetResult();
            await all.Task.WaitAsync(token);
            return StepOutcome.Success();
        }));
        var rule = tests.Parse(TestVocabulary.RuleOf("  - { name: Each, action: for_each, params: { items: \"${ [1,2,3,4,5,6,7,8] }\", concurrency: 8, steps: [{ name: Meet, action: meet }, { name: Look, action: look }] } }"));
        var state = RunState.Start(rule, "run", null, DateTimeOffset.UnixEpoch);
        var services = new RecordingServices { LongestCheckpoint = TimeSpan.FromMilliseconds(1) };
        await new RuleInterpreter(TimeProvider.System).AdvanceAsync(rule, state, services, CancellationToken.None);
        Assert.That((state.Status, services.Attempts.Count, services.MostAtOnce), Is.EqualTo((RunStatus.Success, 17, 1)));
    }

    [Test]
    public void Lane_whose_checkpoint_fails_stops_the_others()
    {
        var tests = new TestVocabulary();
        var rule = tests.Parse(TestVocabulary.RuleOf("  - { name: F, action: parallel, params: { branches: { a: [{ name: A, action: wait, params: { seconds: 1 } }], b: [{ name: B, action: look }, { name: C, action: look }] } } }"));
        var state = RunState.Start(rule, "run", null, DateTimeOffset.UnixEpoch);
        var services = new RecordingServices { DieAt = count => count == 2 };
        Assert.That(async () => await new RuleInterpreter(TimeProvider.System).AdvanceAsync(rule, state, services, CancellationToken.None), Throws.TypeOf<NodeDiedException>());
        Assert.That(services.Attempts, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task State_that_was_written_before_there_were_lanes_is_read()
    {
        const string old = """
            {"run_id":"run","rule_name":"test_rule","rule_version":"1.0.0","rule_hash":"HASH","started_at":"2026-03-01T12:00:00+00:00","input":{},"status":"retry","cursor":"B",
             "visits":{"A":1,"B":2},"attempt":1,"context":{"x":1},"steps":{"A":{"status":"success","started_at":"2026-03-01T12:00:00+00:00","duration_ms":1,"attempts":1,"visit":1},
             "B":{"status":"failed","error":{"code":"e","message":"m","retryable":true},"started_at":"2026-03-01T12:00:00+00:00","duration_ms":1,"attempts":1,"visit":2}},"compensations":[],"rolling_back":false}
            """;
        var run = new RunFixture("  - { name: A, action: look }\n  - { name: B, action: look }");
        var state = RunStateJson.Read(old.Replace("HASH", run.Rule.Hash, StringComparison.Ordinal));
        await run.Interpreter.AdvanceAsync(run.Rule, state, run.Services, CancellationToken.None);
        Assert.That((state.Status, run.Tests.Calls.Single().Key, run.Tests.Calls.Single().Attempt), Is.EqualTo((RunStatus.Success, "run/B/2", 2)));
    }
}
