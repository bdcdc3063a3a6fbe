using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Tests.Interpretation;

/// <summary>What operators do to a run, as the interpreter sees it.</summary>
public sealed class OperationTests
{
    private const string Ask = """
          - { name: A, action: look }
          - { name: Ask, action: manual_intervention, params: { team: Document, subject: Well? } }
          - { name: B, action: look }
        """;

    private const string Undoable = """
          - { name: A, action: update_memory, compensate: { action: update_memory } }
          - { name: B, action: update_memory, compensate: { action: update_memory } }
          - { name: Ask, action: manual_intervention, params: { team: Document, subject: Well? } }
        """;

    private const string Lanes = """
          - name: Fan
            action: parallel
            params:
              branches:
                - { name: one, steps: [{ name: Ask, action: manual_intervention, params: { team: Document, subject: One? } }] }
                - { name: two, steps: [{ name: Ask, action: manual_intervention, params: { team: Document, subject: Two? } }] }
          - { name: B, action: look }
        """;

    private static async Task<RunFixture> Started(string steps, Action<RunFixture>? prepare = null)
    {
        var run = new RunFixture(steps);
        prepare?.Invoke(run);
        await run.Advance();
        return run;
    }

    [Test]
    public async Task Paused_run_goes_on_where_it_stood()
    {
        var run = new RunFixture("  - { name: A, action: look }\n  - { name: B, action: look }");
        Assert.That(RuleInterpreter.Pause(run.State), Is.Not.Null);
        Assert.That(RuleInterpreter.Pause(run.State), Is.Null, "It is paused already.");
        await run.Advance();
        Assert.That((run.State.Status, run.Services.Attempts.Count), Is.EqualTo((RunStatus.Paused, 0)));
        Assert.That(RuleInterpreter.Resume(run.State), Is.Not.Null);
        Assert.That(RuleInterpreter.Resume(run.State), Is.Null);
        await run.Advance();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
    }

    [Test]
    public async Task Wait_of_a_paused_run_can_be_answered_and_counts_once_it_is_resumed()
    {
        var run = await Started(Ask);
        RuleInterpreter.Pause(run.State);
        Assert.That(run.Answer(WaitDecision.Done), Is.Not.Null);
        await run.Advance();
        Assert.That((run.State.Status, run.State.Cursor), Is.EqualTo((RunStatus.Paused, "B")));
        RuleInterpreter.Resume(run.State);
        await run.Advance();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
    }

    [Test]
    public async Task Lanes_answered_while_the_run_was_paused_go_on_once_it_is_resumed()
    {
        var run = await Started(Lanes);
        RuleInterpreter.Pause(run.State);
        foreach (var wait in run.State.Waits.ToList()) run.Interpreter.Answer(run.Rule, run.State, new WaitAnswer(wait.Step, wait.Visit, WaitDecision.Done));
        await run.Advance();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Paused));
        RuleInterpreter.Resume(run.State);
        await run.Advance();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
    }

    [Test]
    public async Task Person_is_not_answered_for_by_time_however_often_the_run_is_paused_and_resumed()
    {
        var run = await Started(Ask);
        for (var i = 0; i < 3; i++)
        {
            RuleInterpreter.Pause(run.State);
            run.Clock.Advance(TimeSpan.FromDays(400));
            RuleInterpreter.Resume(run.State);
            await run.Advance();
        }

        Assert.That((run.State.Status, run.State.Cursor), Is.EqualTo((RunStatus.WaitingForHuman, "Ask")));
    }

    [Test]
    public async Task Delay_that_ran_out_while_the_run_was_paused_is_over()
    {
        var run = await Started("  - { name: Rest, action: wait, params: { seconds: 3600 } }\n  - { name: B, action: look }");
        RuleInterpreter.Pause(run.State);
        run.Clock.Advance(TimeSpan.FromHours(2));
        await run.Advance();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Paused));
        RuleInterpreter.Resume(run.State);
        await run.Advance();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
    }

    [TestCase(Ask, 1)]
    [TestCase(Lanes, 2)]
    public async Task Cancelled_run_ends_at_once_and_its_questions_are_closed(string steps, int questions)
    {
        var run = await Started(steps);
        var done = run.Interpreter.Cancel(run.Rule, run.State, "cancel by olga", rollback: false)!;
        Assert.Multiple(() =>
        {
            Assert.That((run.State.Status, run.State.Cursor, run.State.Wait), Is.EqualTo((RunStatus.Cancelled, (string?)null, (Wait?)null)));
            Assert.That(done.Closes.ToList(), Has.Count.EqualTo(questions));
            Assert.That(run.State.Error, Has.Property("Code").EqualTo("cancelled").And.Property("Message").EqualTo("cancel by olga"));
            Assert.That(run.Interpreter.Cancel(run.Rule, run.State, "again", rollback: false), Is.Null);
        });
    }

    [Test]
    public async Task Cancelled_with_rollback_it_undoes_the_newest_first_and_ends_cancelled()
    {
        var run = await Started(Undoable);
        Assert.That(run.Interpreter.Cancel(run.Rule, run.State, "cancel by olga", rollback: true), Is.Not.Null);
        Assert.That((run.State.HasEnded, run.State.RollingBack), Is.EqualTo((false, true)));
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Cancelled));
            Assert.That(run.Tests.Calls.Select(call => call.Key), Is.EqualTo(new[] { "run/A/1", "run/B/1", "run/B/1/undo", "run/A/1/undo" }));
            Assert.That(run.Interpreter.Retry(run.Rule, run.State, "x"), Is.Null, "Cancelled is final.");
        });
    }

    [Test]
    public async Task Failed_step_is_tried_once_more_under_the_same_key()
    {
        var run = await Started("  - { name: A, action: look }\n  - { name: B, action: update_memory, on_failure: escalate }", run => run.Tests.Script("B", RunFixture.Fails()));
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Escalated));
        Assert.That(run.Interpreter.Retry(run.Rule, run.State, "mended")!.Step, Is.EqualTo("B"));
        await run.Advance();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
        Assert.That(run.Tests.Calls.Where(call => call.Step == "B").Select(call => (call.Key, call.Attempt)), Is.EqualTo(new[] { ("run/B/1", 1), ("run/B/1", 2) }));
    }

    [Test]
    public async Task Question_that_a_failure_asked_is_closed_when_the_step_is_tried_again()
    {
        var run = await Started("  - { name: A, action: look, on_failure: manual_intervention }", run => run.Tests.Script("A", RunFixture.Fails()));
        var done = run.Interpreter.Retry(run.Rule, run.State, "mended")!;
        Assert.That(done.Closes.Single().Step, Is.EqualTo("A"));
        await run.Advance();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
    }

    [Test]
    public async Task Question_that_the_rule_asks_is_not_answered_by_a_retry()
    {
        var run = await Started(Ask);
        Assert.That(run.Interpreter.Retry(run.Rule, run.State, "go on"), Is.Null);
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.WaitingForHuman));
    }

    [Test]
    public async Task What_was_undone_can_not_be_gone_on_from()
    {
        var run = await Started(
            "  - { name: A, action: update_memory, compensate: { action: update_memory } }\n  - { name: B, action: look, on_failure: rollback }", run => run.Tests.Script("B", RunFixture.Fails()));
        Assert.That((run.State.Status, run.State.IsUndone), Is.EqualTo((RunStatus.Failed, true)));
        Assert.That(run.Interpreter.Retry(run.Rule, run.State, "x"), Is.Null);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Skipped_step_is_passed_over_and_its_question_closed(bool paused)
    {
        var run = await Started(Ask);
        if (paused) RuleInterpreter.Pause(run.State);
        var done = run.Interpreter.Skip(run.Rule, run.State, "skip by olga: nobody is there")!;
        Assert.That((done.Step, done.Closes.Single().Step), Is.EqualTo(("Ask", "Ask")));
        await run.Advance();
        if (paused)
        {
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Paused));
            RuleInterpreter.Resume(run.State);
            await run.Advance();
        }

        Assert.That((run.State.Status, run.State.Steps["Ask"].Status), Is.EqualTo((RunStatus.Success, StepStatus.Skipped)));
        Assert.That(run.Services.Attempts.Select(attempt => attempt.Decision), Has.Some.EqualTo("skip by olga: nobody is there"));
    }

    [Test]
    public async Task Step_that_failed_is_skipped_and_the_run_opened_again()
    {
        var run = await Started("  - { name: A, action: look }\n  - { name: B, action: look }", run => run.Tests.Script("A", RunFixture.Fails()));
        Assert.That(run.Interpreter.Skip(run.Rule, run.State, "skip by olga"), Is.Not.Null);
        Assert.That((run.State.HasEnded, run.State.Cursor, run.State.EndedAt), Is.EqualTo((false, "A", (DateTimeOffset?)null)));
        await run.Advance();
        Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
    }

    [Test]
    public async Task Context_is_changed_as_a_merge_patch_says_and_what_was_there_before_is_told()
    {
        var run = await Started(Ask);
        run.State.Context["of"] = JsonNode.Parse("""{ "a": 1, "b": { "c": 2, "d": 3 } }""");
        var before = RuleInterpreter.Alter(run.State, (JsonObject)JsonNode.Parse("""{ "of": { "a": null, "b": { "c": 5 } }, "done_by": null, "new": [1] }""")!);
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Context["of"]!.ToJsonString(), Is.EqualTo("""{"b":{"c":5,"d":3}}"""));
            Assert.That(run.State.Context.ContainsKey("done_by"), Is.False);
            Assert.That(run.State.Context["new"]!.ToJsonString(), Is.EqualTo("[1]"));
            Assert.That(before.ToJsonString(), Is.EqualTo("""{"of":{"a":1,"b":{"c":2,"d":3}},"done_by":"A","new":null}"""));
        });
    }

    [Test]
    public async Task Each_operation_survives_being_written_down()
    {
        var run = await Started(Undoable);
        RuleInterpreter.Pause(run.State);
        run.Interpreter.Cancel(run.Rule, run.State, "cancel by olga", rollback: true);
        var again = RunStateJson.Read(RunStateJson.WriteText(run.State));
        Assert.That((again.EndsCancelled, again.RollingBack, again.PausedFrom), Is.EqualTo((true, true, (RunStatus?)null)));
        RuleInterpreter.Pause(again);
        Assert.That(RunStateJson.Read(RunStateJson.WriteText(again)).PausedFrom, Is.EqualTo(RunStatus.Running));
    }

    [TestCase("parallel, params: { branches: [{ name: one, steps: [{ name: Child, action: run_workflow, params: { rule: inner } }] }, { name: two, steps: [{ name: B, action: look }] }] }", "Fan/one/Child")]
    [TestCase("for_each, params: { items: \"${ [1, 2, 3] }\", concurrency: 2, steps: [{ name: Child, action: run_workflow, params: { rule: inner } }] }", "Fan/0/Child Fan/1/Child")]
    [TestCase("for_each, when: \"${ false }\", params: { items: \"${ [1] }\", steps: [{ name: Child, action: run_workflow, params: { rule: inner } }] }", "")]
    public async Task Lanes_that_may_have_begun_unwritten_are_abandoned_too(string fan, string abandoned)
    {
        var run = await Started($"  - {{ name: Ask, action: manual_intervention, params: {{ team: Document, subject: Well? }} }}\n  - {{ name: Fan, action: {fan} }}");
        run.Answer(WaitDecision.Done);
        var done = run.Interpreter.Cancel(run.Rule, run.State, "cancel by olga", rollback: false)!;
        Assert.That(string.Join(' ', done.Abandons.Select(step => step.Path)), Is.EqualTo(abandoned));
        Assert.That(done.Abandons.Select(step => step.Visit), Is.All.EqualTo(1));
    }
}
