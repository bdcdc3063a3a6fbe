using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Tests.Interpretation;

public sealed class RoutingTests
{
    private static async Task<RunFixture> Run(string steps, string input = "{}", string more = "")
    {
        var run = new RunFixture(steps, more, input);
        await run.Advance();
        return run;
    }

    [Test]
    public async Task Steps_follow_each_other_in_the_order_of_the_file()
    {
        var run = await Run("""
              - { name: A, action: look }
              - { name: B, action: look }
            """);
        Assert.Multiple(() =>
        {
            Assert.That(run.Services.Path, Is.EqualTo(new[] { "A:Success", "B:Success" }));
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Success));
            Assert.That(run.State.Cursor, Is.Null);
            Assert.That(run.Tests.Calls.Select(call => call.Key), Is.EqualTo(new[] { "run/A/1", "run/B/1" }));
        });
    }

    [TestCase(0.9, "A,Accepted")]
    [TestCase(0.6, "A,Review")]
    [TestCase(0.1, "A,Select")]
    public async Task First_branch_that_holds_is_taken(double confidence, string path)
    {
        var run = await Run("""
              - name: A
                action: look
                branches:
                  - { when: confidence > 0.85, to: Accepted }
                  - { when: 0.5 <= confidence <= 0.85, to: Review }
                  - { to: Select }
              - { name: Accepted, action: look, on_success: workflow_complete }
              - { name: Review, action: look, on_success: workflow_complete }
              - { name: Select, action: look, on_success: workflow_complete }
            """, $$"""{ "confidence": {{confidence}} }""");
        Assert.Multiple(() =>
        {
            Assert.That(string.Join(',', run.Tests.CalledSteps), Is.EqualTo(path));
            Assert.That(run.Services.Attempts[0].DecisionLine, Is.GreaterThan(8));
        });
    }

    [Test]
    public async Task Branch_that_does_not_hold_leaves_on_success()
    {
        var run = await Run("""
              - { name: A, action: look, branches: [{ when: "false", to: B }], on_success: C }
              - { name: B, action: look }
              - { name: C, action: look }
            """);
        Assert.That(run.Tests.CalledSteps, Is.EqualTo(new[] { "A", "C" }));
    }

    [TestCase("yes", "A,Yes")]
    [TestCase("no", "A,No")]
    public async Task Boolean_result_takes_its_path(string answer, string path)
    {
        var run = await Run("""
              - name: A
                action: custom_logic
                params: { logic: "answer === 'yes'", true_path: Yes, false_path: No }
              - { name: Yes, action: look, on_success: complete }
              - { name: No, action: look }
            """, $$"""{ "answer": "{{answer}}" }""");
        Assert.That(run.Services.Attempts.Select(attempt => attempt.Step), Is.EqualTo(path.Split(',')));
    }

    [Test]
    public async Task Step_whose_condition_is_false_is_passed_over()
    {
        var run = await Run("""
              - { name: A, action: look, when: wanted }
              - { name: B, action: look }
            """);
        Assert.That(run.Services.Path, Is.EqualTo(new[] { "A:Skipped", "B:Success" }));
    }

    [Test]
    public async Task Loop_visits_a_step_again_with_another_key()
    {
        var run = await Run("""
              - { name: A, action: custom_logic, params: { logic: double(n) }, output: n, branches: [{ when: n < 10, to: A }, { to: B }] }
              - { name: B, action: look, params: { at: "{n}" } }
            """, """{ "n": 1 }""");
        Assert.Multiple(() =>
        {
            Assert.That(run.Services.Attempts.Select(attempt => attempt.IdempotencyKey), Is.EqualTo(new[] { "run/A/1", "run/A/2", "run/A/3", "run/A/4", "run/B/1" }));
            Assert.That(run.Tests.Calls.Single().Parameters["at"]!.GetValue<long>(), Is.EqualTo(16));
        });
    }

    [Test]
    public async Task Endless_loop_ends_with_its_reason()
    {
        var run = await Run("  - { name: A, action: look, on_success: A }");
        Assert.That((run.State.Status, run.State.Error!.Code), Is.EqualTo((RunStatus.Failed, "endless_loop")));
    }

    [Test]
    public async Task Result_is_merged_and_a_named_one_is_kept_under_its_name()
    {
        var run = await Run("""
              - { name: A, action: data_transform, params: { mappings: { x: 1, y: 2 } } }
              - { name: B, action: data_transform, params: { source: "{x, y}", mappings: { sum: "${ source.x + source.y }" } }, output: total }
              - { name: C, action: look, params: { at: "${ [x, total.sum, steps['B'].sum, steps['A'].y] }" } }
            """);
        Assert.That(run.Tests.Calls.Single().Parameters["at"]!.ToJsonString(), Is.EqualTo("[1,3,3,2]"));
    }

    [Test]
    public async Task Output_of_the_rule_is_filled_in_at_the_end()
    {
        var run = await Run("  - { name: A, action: data_transform, params: { mappings: { x: 1 } } }", more: "output: { twice: \"${ x * 2 }\" }");
        Assert.That(run.State.Output!.ToJsonString(), Is.EqualTo("""{"twice":2}"""));
    }

    [Test]
    public async Task Data_that_does_not_fit_its_schema_fails_with_every_problem()
    {
        var run = await Run("""
              - name: A
                action: validate_data
                params:
                  schema: { type: object, required: [id], properties: { total: { type: number, minimum: 0 }, kind: { enum: [a, b] } } }
                  data: "${ input }"
            """, """{ "total": -1, "kind": "c" }""");
        Assert.That(run.State.Error!.Message, Is.EqualTo("""data.id is missing; data.total must be at least 0; data.kind must be one of ["a","b"]"""));
    }

    [Test]
    public async Task Only_effects_waits_and_the_end_must_be_kept()
    {
        var run = await Run("""
              - { name: A, action: look }
              - { name: B, action: api_call, params: { service: store } }
              - { name: C, action: look }
              - { name: D, action: look }
            """);
        Assert.That(run.Services.MustPersist, Is.EqualTo(new[] { false, true, false, true }));
    }

    [Test]
    public async Task Run_stops_before_its_next_step_when_told_to()
    {
        var run = new RunFixture("  - { name: A, action: look }");
        run.Services.StopRequested = true;
        await run.Advance();
        Assert.Multiple(() =>
        {
            Assert.That(run.State.Status, Is.EqualTo(RunStatus.Pending));
            Assert.That(run.Tests.Calls, Is.Empty);
        });
    }

    [Test]
    public void Run_of_another_text_is_refused()
    {
        var run = new RunFixture("  - { name: A, action: look }");
        var other = run.Tests.Parse(TestVocabulary.RuleOf("  - { name: A, action: look, description: other }"));
        Assert.That(async () => await run.Interpreter.AdvanceAsync(other, run.State, run.Services, CancellationToken.None), Throws.ArgumentException);
    }
}
