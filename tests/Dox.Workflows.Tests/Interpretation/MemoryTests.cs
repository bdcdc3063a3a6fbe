using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Tests.Interpretation;

public sealed class MemoryTests
{
    private static async Task<RunFixture> Run(string steps, string more, params (string Step, StepOutcome Outcome)[] scripted)
    {
        var run = new RunFixture(steps, more);
        foreach (var (step, outcome) in scripted) run.Tests.Script(step, outcome);
        await run.AdvanceThroughTime();
        return run;
    }

    [Test]
    public async Task Memory_updates_are_filled_in_from_the_ended_run()
    {
        var run = await Run("  - { name: A, action: data_transform, params: { mappings: { pages: 3 } } }", """
            memory_bank_updates:
              - file: SERVICE_[service].json
                update: { runs: "+1", pages: "+{pages}", last: "{run.id}", twice: "+{pages * 2}" }
            """);
        var update = run.Interpreter.MemoryUpdatesOf(run.Rule, run.State).Single();
        Assert.Multiple(() =>
        {
            Assert.That(update.File, Is.EqualTo("SERVICE_Tests.json"));
            Assert.That(JsonNode.DeepEquals(update.Update, new JsonObject { ["runs"] = "+1", ["pages"] = "+3", ["last"] = "run", ["twice"] = "+6" }), update.Update.ToJsonString());
        });
    }

    [Test]
    public async Task What_is_under_on_is_written_only_if_it_happened()
    {
        var run = await Run("""
              - { name: Scan File, action: look, on_failure: skip_step }
              - { name: Decide, action: data_transform, params: { mappings: { approved: true, urgent: false } } }
            """, """
            memory_bank_updates:
              - file: SUPERVISOR.json
                update:
                  on_success: { done: "+1" }
                  on_failure: { broken: "+1" }
                  on_scan_file: { scanned: "+1" }
                  on_scan_file_failed: { unscanned: "+1" }
                  on_infected: { infected: "+1" }
                  on_approved: "+1"
                  on_urgent: "+1"
                  on_decide: { decided: "{approved}" }
            """, ("Scan File", RunFixture.Fails("infected")));
        Assert.That(run.Interpreter.MemoryUpdatesOf(run.Rule, run.State).Single().Update.ToJsonString(),
            Is.EqualTo("""{"done":"\u002B1","unscanned":"\u002B1","infected":"\u002B1","approved":"\u002B1","decided":true}"""));
    }

    [Test]
    public async Task Key_that_a_step_already_wrote_is_not_written_again()
    {
        var run = await Run("""
              - { name: Note, action: update_memory, params: { file: "SERVICE_[service].json", update: { runs: "+1", last: "{run.id}" } } }
              - { name: Fail, action: update_memory, params: { file: SUPERVISOR.json, update: { total: "+1" } }, on_failure: skip_step }
            """, """
            memory_bank_updates:
              - { file: "SERVICE_[service_name].json", update: { runs: "+1", more: 1 } }
              - { file: "SERVICE_Tests.json", update: { last: x } }
              - { file: SUPERVISOR.json, update: { total: "+1", runs: "+1" } }
            """, ("Fail", RunFixture.Fails()));
        Assert.That(run.Interpreter.MemoryUpdatesOf(run.Rule, run.State).Select(update => $"{update.File} {string.Join(',', update.Update.Select(entry => entry.Key))}"),
            Is.EqualTo(new[] { "SERVICE_Tests.json more", "SUPERVISOR.json total,runs" }));
    }

    [Test]
    public async Task Increments_and_entries_are_left_to_whoever_writes_the_file()
    {
        var run = await Run("  - { name: A, action: look }", """
            memory_bank_updates:
              - { file: SUPERVISOR.json, update: { increment: runs, entry: { id: "{run.id}", at: "{ISO8601 + 24h}" }, count: "+1" } }
            """);
        var update = run.Interpreter.MemoryUpdatesOf(run.Rule, run.State).Single().Update;
        Assert.That(JsonNode.DeepEquals(update, JsonNode.Parse("""{ "increment": "runs", "entry": { "id": "run", "at": "2026-03-02T12:00:00.000Z" }, "count": "+1" }""")), update.ToJsonString());
    }

    [Test]
    public async Task Key_whose_expression_fails_is_null_and_the_rest_is_written()
    {
        var run = await Run("  - { name: A, action: look }", "memory_bank_updates: [{ file: SUPERVISOR.json, update: { a: \"${ nothing.x }\", b: 1 } }]");
        Assert.That(run.Interpreter.MemoryUpdatesOf(run.Rule, run.State).Single().Update.ToJsonString(), Is.EqualTo("""{"a":null,"b":1}"""));
    }
}
