using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Workflows.Interpretation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Orchestration.Tests.Engine;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class RunEngineTests(DatabaseProvider database)
{
    [Test]
    public async Task Run_leaves_a_line_an_attempt_in_a_chain_that_shows_every_change()
    {
        await using var host = await EngineHost.StartAsync(database);
        var id = await host.StartRunAsync("flaky");
        var row = await host.WhenEndedAsync(id);
        var journal = await host.JournalAsync(id);
        Assert.Multiple(async () =>
        {
            Assert.That(row.Status, Is.EqualTo(RunStatus.Success));
            Assert.That(await host.PathAsync(id), Is.EqualTo(new[] { "A/1:1:Failed", "A/1:2:Failed", "A/1:3:Success", "B/1:1:Success" }));
            Assert.That(JournalEntry.IsChained(journal), Is.True);
            Assert.That(row.JournalLength, Is.EqualTo(4));
            Assert.That(row.JournalHash, Is.EqualTo(journal[^1].Hash));
        });

        await host.Host.InDb<OrchestrationDbContext>(db => db.Journal.Where(e => e.WorkflowId == id && e.Sequence == 2)
            .ExecuteUpdateAsync(s => s.SetProperty(e => e.DurationMs, e => e.DurationMs + 1)));
        Assert.That(JournalEntry.IsChained(await host.JournalAsync(id)), Is.False);
    }

    [Test]
    public async Task Run_that_a_dead_process_left_is_taken_over_with_a_higher_token()
    {
        await using var host = await EngineHost.StartAsync(database);
        var id = await host.StartRunAsync("straight", take: false);
        Assert.That((await host.OpenRunAsync(id)).Owner, Is.EqualTo(host.Host.Services.GetRequiredService<INode>().Id));
        var gate = host.Effects.HoldUp("A");
        await host.Host.StopAsync();
        await host.Host.StartAgainAsync();

        await gate.Reached;
        var held = await host.OpenRunAsync(id);
        Assert.That((held.Token, held.Recoveries, held.Owner), Is.EqualTo((2, 1, host.Host.Services.GetRequiredService<INode>().Id)));
        gate.Open();
        Assert.That((await host.WhenEndedAsync(id)).Status, Is.EqualTo(RunStatus.Success));
        Assert.That(host.Effects.Keys, Is.EqualTo(new[] { $"{id}/A/1", $"{id}/B/1", $"{id}/C/1" }));
    }

    [Test]
    public async Task Owner_of_an_older_token_changes_nothing()
    {
        await using var host = await EngineHost.StartAsync(database);
        var gate = host.Effects.HoldUp("B");
        var id = await host.StartRunAsync("straight");
        await gate.Reached;
        var me = host.Host.Services.GetRequiredService<INode>().Id;
        await host.Host.InDb<OrchestrationDbContext>(db => db.OpenRuns.Where(r => r.Id == id)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.Token, r => r.Token + 1)));
        gate.Open();

        var engine = host.Host.Services.GetRequiredService<RunEngine>();
        await EngineHost.UntilAsync(() => !engine.IsBusy);
        var row = await host.OpenRunAsync(id);
        Assert.Multiple(async () =>
        {
            Assert.That((row.Owner, row.Token, row.CurrentStep, row.JournalLength), Is.EqualTo((me, 2, "B", 1)));
            Assert.That(await host.PathAsync(id), Is.EqualTo(new[] { "A/1:1:Success" }));
            Assert.That(host.Host.Logs.Lines.Select(l => l.Message), Has.Some.EqualTo($"The run {id} has another owner now."));
        });
    }

    [Test]
    public async Task Long_wait_holds_no_lease_and_goes_on_when_its_time_has_come()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var host = await EngineHost.StartAsync(database, clock: clock);
        var id = await host.StartRunAsync("long_wait");
        var waiting = (OpenRun)await host.WhenAsync(id, row => row.Status == RunStatus.Waiting);
        Assert.That((waiting.Owner, waiting.WakeAt), Is.EqualTo(((string?)null, clock.GetUtcNow().AddHours(1))));
        clock.Advance(TimeSpan.FromHours(1));
        await host.WhenEndedAsync(id);
        Assert.That(host.Effects.Keys, Is.EqualTo(new[] { $"{id}/A/1", $"{id}/B/1" }));
    }

    [Test]
    public async Task Short_wait_is_sat_out_with_the_lease_held()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var host = await EngineHost.StartAsync(database, clock: clock);
        var id = await host.StartRunAsync("short_wait");
        var waiting = (OpenRun)await host.WhenAsync(id, row => row.Status == RunStatus.Waiting);
        Assert.That((waiting.Owner, waiting.WakeAt), Is.EqualTo((host.Host.Services.GetRequiredService<INode>().Id, (DateTimeOffset?)null)));
        clock.Advance(TimeSpan.FromSeconds(1));
        await host.WhenEndedAsync(id);
        Assert.That(host.Effects.Keys, Is.EqualTo(new[] { $"{id}/B/1" }));
    }

    [Test]
    public async Task Run_that_kills_its_nodes_is_stopped_with_the_reason()
    {
        await using var host = await EngineHost.StartAsync(database);
        var id = await host.StartRunAsync("straight", take: false, recoveries: 5);
        await host.Host.StopAsync();
        await host.Host.StartAgainAsync();
        var row = await host.WhenEndedAsync(id);
        Assert.Multiple(async () =>
        {
            Assert.That((row.Status, row.Recoveries), Is.EqualTo((RunStatus.Failed, 6)));
            Assert.That(row.Error, Does.StartWith("The process died 6 times while it had this run, last at 'A'"));
            Assert.That(host.Effects.Keys, Is.Empty);
            Assert.That(JournalEntry.IsChained(await host.JournalAsync(id)), Is.True);
        });
    }

    [Test]
    public async Task Run_that_gets_further_is_not_counted_as_a_killer()
    {
        await using var host = await EngineHost.StartAsync(database);
        var gate = host.Effects.HoldUp("B");
        var id = await host.StartRunAsync("straight", take: false, recoveries: 4);
        await host.Host.StopAsync();
        await host.Host.StartAgainAsync();
        await gate.Reached;
        Assert.That((await host.OpenRunAsync(id)).Recoveries, Is.Zero);
    }

    [Test]
    public async Task Run_that_its_own_node_lost_hold_of_is_found_again()
    {
        await using var host = await EngineHost.StartAsync(database);
        var gate = host.Effects.HoldUp("C");
        var held = await host.StartRunAsync("straight");
        await gate.Reached;
        // Not before: a run that is on its way into the engine's hands mustn't be overtaken by so short a time.
        host.Host.Services.GetRequiredService<IOptions<EngineOptions>>().Value.LostAfter = TimeSpan.FromMilliseconds(100);
        var lost = await host.StartRunAsync("flaky", take: false);

        var row = await host.WhenEndedAsync(lost);
        Assert.That((row.Status, row.Recoveries), Is.EqualTo((RunStatus.Success, 0)));
        gate.Open();
        await host.WhenEndedAsync(held);
        Assert.That(host.Effects.Keys.Where(k => k.StartsWith($"{held}/", StringComparison.Ordinal)), Is.Unique, "What this node holds isn't taken for lost, however long it takes.");
    }

    [Test]
    public async Task Stop_lets_a_step_finish_and_the_next_start_goes_on_behind_it()
    {
        await using var host = await EngineHost.StartAsync(database);
        var gate = host.Effects.HoldUp("B");
        var id = await host.StartRunAsync("straight");
        await gate.Reached;
        var engine = host.Host.Services.GetRequiredService<RunEngine>();
        var stopping = host.Host.StopAsync();
        await EngineHost.UntilAsync(() => engine.IsDraining);
        gate.Open();
        await stopping;
        Assert.That(host.Effects.Keys, Is.EqualTo(new[] { $"{id}/A/1", $"{id}/B/1" }));

        await host.Host.StartAgainAsync();
        var row = await host.WhenEndedAsync(id);
        Assert.Multiple(() =>
        {
            Assert.That((row.Status, row.Recoveries), Is.EqualTo((RunStatus.Success, 0)));
            Assert.That(host.Effects.Keys, Is.EqualTo(new[] { $"{id}/A/1", $"{id}/B/1", $"{id}/C/1" }));
        });
    }

    [Test]
    public async Task Answer_is_taken_once()
    {
        await using var host = await EngineHost.StartAsync(database);
        var id = await host.StartRunAsync("ask");
        var waiting = (OpenRun)await host.WhenAsync(id, row => row.Status == RunStatus.WaitingForHuman);
        Assert.That((waiting.Owner, waiting.WakeAt), Is.EqualTo(((string?)null, (DateTimeOffset?)null)));
        var answers = host.Host.Services.GetRequiredService<RunAnswers>();
        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => host.Host.InDb<OrchestrationDbContext, bool>(async db =>
        {
            try
            {
                if (!await answers.GiveAsync(db, id, new WaitAnswer("Review", 1, WaitDecision.Done), CancellationToken.None)) return false;
                await db.SaveChangesAsync();
                return true;
            }
            catch (DbUpdateException)
            {
                return false;
            }
        })));
        await host.WhenEndedAsync(id);
        Assert.Multiple(async () =>
        {
            Assert.That(taken.Count(won => won), Is.EqualTo(1));
            Assert.That(await host.PathAsync(id), Is.EqualTo(new[] { "A/1:1:Success", "Review/1:1:Waiting", "Review/1:1:Success", "B/1:1:Success" }));
            Assert.That(JournalEntry.IsChained(await host.JournalAsync(id)), Is.True);
        });
    }

    [Test]
    public async Task Long_error_does_not_keep_a_run_from_ending()
    {
        await using var host = await EngineHost.StartAsync(database);
        var row = await host.WhenEndedAsync(await host.StartRunAsync("wordy"));
        Assert.That((row.Status, row.Error!.Length, RunStateJson.Read(row.State).Error!.Message.Length), Is.EqualTo((RunStatus.Escalated, 4000, 9000)));
    }

    [Test]
    public async Task Run_goes_on_with_the_text_that_it_began_with()
    {
        await using var host = await EngineHost.StartAsync(database);
        var id = await host.StartRunAsync("ask");
        await host.WhenAsync(id, row => row.Status == RunStatus.WaitingForHuman);
        await host.Host.StopAsync();
        await host.ReplaceRuleAsync("ask", "  - { name: Other, action: effect }");
        await host.Host.StartAgainAsync();
        await host.Host.InDb<OrchestrationDbContext>(async db =>
        {
            await host.Host.Services.GetRequiredService<RunAnswers>().GiveAsync(db, id, new WaitAnswer("Review", 1, WaitDecision.Done), CancellationToken.None);
            await db.SaveChangesAsync();
        });
        await host.WhenEndedAsync(id);
        Assert.That(host.Effects.Keys, Is.EqualTo(new[] { $"{id}/A/1", $"{id}/B/1" }));
    }

    [Test]
    public async Task Many_runs_at_once_all_end_with_each_effect_once()
    {
        await using var host = await EngineHost.StartAsync(database);
        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => host.StartRunAsync("straight")));
        foreach (var id in ids) await host.WhenEndedAsync(id);
        Assert.That(host.Effects.Keys, Is.Unique.And.Count.EqualTo(150));
    }
}
