using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Workflows.Interpretation;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Engine;

/// <summary>Lanes and child runs in the real engine.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class LaneRunTests(DatabaseProvider database)
{
    [Test]
    public async Task Lane_is_answered_while_another_is_under_way()
    {
        await using var host = await EngineHost.StartAsync(database);
        var gate = host.Effects.HoldUp("B");
        var id = await host.StartRunAsync("lanes");
        await gate.Reached;
        await host.WhenAsync(id, row => RunStateJson.Read(row.State).Waits.Any());
        Assert.That(await AnswerAsync(host, id, new WaitAnswer("Fan/ask/Review", 1, WaitDecision.Done)), Is.True);
        gate.Open();

        var row = await host.WhenEndedAsync(id);
        Assert.Multiple(async () =>
        {
            Assert.That(row.Status, Is.EqualTo(RunStatus.Success));
            Assert.That(host.Effects.Keys.Distinct(StringComparer.Ordinal), Is.EquivalentTo(new[] { $"{id}/Fan/work/A/1", $"{id}/Fan/work/B/1", $"{id}/Last/1" }));
            Assert.That(await host.PathAsync(id), Is.EquivalentTo(new[]
            {
                "Fan/ask/Review/1:1:Waiting", "Fan/work/A/1:1:Success", "Fan/ask/Review/1:1:Success", "Fan/work/B/1:1:Success", "Fan/1:1:Success", "Last/1:1:Success",
            }));
            Assert.That(JournalEntry.IsChained(await host.JournalAsync(id)), Is.True);
        });
    }

    [TestCase("parent", """{"done":"Work","answer":"child_done"}""")]
    [TestCase("parents", """[{"done":"Work","answer":"child_done"},{"done":"Work","answer":"child_done"},{"done":"Work","answer":"child_done"}]""")]
    public async Task Parent_waits_for_the_runs_that_its_steps_started(string rule, string expected)
    {
        await using var host = await EngineHost.StartAsync(database);
        var id = await host.StartRunAsync(rule);
        var row = await host.WhenEndedAsync(id);
        Assert.That((row.Status, RunStateJson.Read(row.State).Output!["made"]!.ToJsonString()), Is.EqualTo((RunStatus.Success, expected)));
    }

    [Test]
    public async Task Failed_child_fails_the_step_that_started_it()
    {
        await using var host = await EngineHost.StartAsync(database);
        var row = await host.WhenEndedAsync(await host.StartRunAsync("parent_of_failure"));
        Assert.That(row.Status, Is.EqualTo(RunStatus.Failed));
        Assert.That(row.Error, Does.EndWith("(failing_child): Not yet."));
    }

    [Test]
    public async Task Parent_that_does_not_wait_goes_on_at_once()
    {
        await using var host = await EngineHost.StartAsync(database);
        var gate = host.Effects.HoldUp("Work");
        var row = await host.WhenEndedAsync(await host.StartRunAsync("careless"));
        var link = RunStateJson.Read(row.State).Steps["Start"].Output!;
        Assert.That((row.Status, (string?)link["status"], (string?)link["rule_name"]), Is.EqualTo((RunStatus.Success, "started", "child")));
        gate.Open();
        var child = await host.WhenEndedAsync(Id<Workflow>.Parse((string)link["workflow_id"]!, null));
        Assert.That((string?)RunStateJson.Read(child.State).Facts!["parent"]!["workflow_id"], Is.EqualTo(row.Id.ToString()));
    }

    private static async Task<bool> AnswerAsync(EngineHost host, Id<Workflow> id, WaitAnswer answer)
    {
        await using var scope = host.Host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        if (!await scope.ServiceProvider.GetRequiredService<RunAnswers>().GiveAsync(db, id, answer, CancellationToken.None)) return false;
        await db.SaveChangesAsync();
        return true;
    }
}
