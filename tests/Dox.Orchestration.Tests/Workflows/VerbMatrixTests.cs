using System.Net;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;

namespace Dox.Orchestration.Tests.Workflows;

/// <summary>Every verb in every state, over HTTP: what it does, or the problem that says why it can't and what can be done.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class VerbMatrixTests(DatabaseProvider database)
{
    private static readonly string[] States =
        ["pending", "running", "retry", "waiting", "waiting_for_event", "waiting_for_human", "waiting_after_failure", "paused", "success", "failed", "escalated", "cancelled"];

    // What the run is then; -: it can't be done. A number is a problem of its own.
    private static readonly Dictionary<string, string[]> Expected = new(StringComparer.Ordinal)
    {
        ["pause"] = ["pending", "pending", "paused", "paused", "paused", "paused", "paused", "-", "-", "-", "-", "-"],
        ["resume"] = ["-", "-", "-", "-", "-", "-", "-", "waiting_for_human", "-", "-", "-", "-"],
        ["cancel"] = ["pending", "pending", "cancelled", "cancelled", "cancelled", "cancelled", "cancelled", "cancelled", "-", "-", "-", "-"],
        ["retry"] = ["-", "-", "success", "nothing_to_retry", "nothing_to_retry", "nothing_to_retry", "success", "-", "-", "success", "success", "-"],
        ["skip"] = ["-", "-", "success", "success", "success", "success", "success", "paused", "-", "success", "success", "-"],
        ["signal"] = ["-", "-", "-", "no_such_wait", "success", "no_such_wait", "no_such_wait", "no_such_wait", "-", "-", "-", "-"],
        ["context"] = ["-", "-", "retry", "waiting", "waiting", "waiting_for_human", "waiting_for_human", "paused", "-", "-", "-", "-"],
        ["replay"] = ["-", "-", "-", "-", "-", "-", "-", "-", "created", "created", "created", "created"],
    };

    private OperatorHost _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await OperatorHost.StartAsync(database, VerbRules.All);

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    private static IEnumerable<TestCaseData> Cases() =>
        from verb in Expected.Keys from state in States select new TestCaseData(verb, state, Expected[verb][Array.IndexOf(States, state)]).SetArgDisplayNames(verb, state);

    [TestCaseSource(nameof(Cases))]
    public async Task Verb_in_state(string verb, string state, string expected)
    {
        var (run, gate) = await _host.InStateAsync(state);
        var before = await _host.JournalAsync(run);
        var answer = await _host.DoAsync(verb, run);
        switch (expected)
        {
            case "created":
                Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
                Assert.That((string)answer.Json["replay_of"]!, Is.EqualTo(run.ToString()));
                break;
            case "pending":
                Assert.That((answer.Status, (bool)answer.Json["pending"]!), Is.EqualTo((HttpStatusCode.Accepted, true)), answer.Text);
                gate!.Open();
                await _host.WhenAsync(run, verb == "pause" ? "paused" : "cancelled");
                break;
            case "-" or "nothing_to_retry" or "no_such_wait":
                Assert.Multiple(() =>
                {
                    Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Conflict), answer.Text);
                    Assert.That(answer.Code, Is.EqualTo(expected != "-" ? expected : "workflow_state_conflict"));
                    Assert.That((string)answer.Json["details"]!["state"]!, Is.EqualTo(StateOf(state)));
                    Assert.That((string)answer.Json["details"]!["verb"]!, Is.EqualTo(verb));
                    Assert.That(answer.Json["details"]!["possible"], Is.Not.Null);
                });
                Assert.That(await _host.JournalAsync(run), Has.Count.EqualTo(before.Count), "Nothing was done.");
                break;
            default:
                Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
                var after = await _host.WhenAsync(run, expected);
                Assert.That((string)answer.Json["previous_status"]!, Is.EqualTo(StateOf(state)));
                Assert.That((bool)after["completed"]!, Is.EqualTo(expected is "success" or "cancelled"));
                break;
        }

        await CheckNotesAsync(verb, run, expected);
        gate?.Open();
    }

    /// <summary>What was done is in the run's journal and in the audit, with who and why; what wasn't is in neither.</summary>
    private async Task CheckNotesAsync(string verb, Id<Workflow> run, string expected)
    {
        var done = expected is not ("-" or "nothing_to_retry" or "no_such_wait");
        var acts = (await _host.JournalAsync(run)).Where(entry => entry.Kind == JournalKind.Operator && entry.Action == verb && entry.Decision == "a test's").ToList();
        var audit = (await _host.GetAsync($"audit?subject={run}&action=workflow.{verb}")).Json["entries"]!.AsArray().Where(e => (string?)e!["reason"] == "a test's").ToList();
        Assert.Multiple(() =>
        {
            Assert.That(acts, Has.Count.EqualTo(done && verb != "replay" ? 1 : 0));
            Assert.That(audit, Has.Count.EqualTo(done ? 1 : 0));
            Assert.That(acts.All(act => act.Actor == "anonymous"));
        });
        Assert.That(JournalEntry.IsChained(await _host.JournalAsync(run)), Is.True);
    }

    private static string StateOf(string state) => state switch
    {
        "waiting_for_event" => "waiting",
        "waiting_after_failure" => "waiting_for_human",
        _ => state,
    };
}
