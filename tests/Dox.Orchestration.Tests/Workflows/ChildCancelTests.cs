using System.Net;
using Dox.Orchestration.Contracts;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Rules.Actions;
using Dox.Orchestration.Workflows;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Workflows;

/// <summary>Runs that a run waits for, or was about to start, when it or its step comes to an end.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class ChildCancelTests(DatabaseProvider database)
{
    private OperatorHost _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await OperatorHost.StartAsync(
        database,
        ("child", "steps:\n  - { name: Work, action: effect, compensate: { action: effect } }\n  - { name: Listen, action: wait, params: { event: go } }"),
        ("parent", "steps:\n  - { name: Before, action: effect }\n  - { name: Child, action: run_workflow, params: { rule: child } }"),
        ("parents", "steps:\n  - { name: Each, action: for_each, params: { items: \"${ [1, 2, 3] }\", concurrency: 3, steps: [{ name: Child, action: run_workflow, params: { rule: child } }] } }"),
        ("racing", "steps:\n  - name: Race\n    action: parallel\n    params: { join: any, branches: { slow: [{ name: Child, action: run_workflow, params: { rule: child } }], quick: [{ name: Listen, action: wait, params: { event: first } }] } }\n  - { name: After, action: wait, params: { event: go } }"));

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [TestCase("parent", 1)]
    [TestCase("parents", 3)]
    public async Task Children_are_cancelled_with_their_parent_each_by_an_act_of_its_own(string rule, int count)
    {
        var parent = await _host.StartRunAsync(rule);
        var children = await ChildrenAsync(parent, count);
        foreach (var child in children) await _host.WhenAsync(child, "waiting");
        var answer = await _host.SendAsync(HttpMethod.Delete, $"workflows/{parent}", new { reason = "Not needed.", rollback = true });
        Assert.That(answer.Status, Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.Accepted));
        await _host.WhenAsync(parent, "cancelled");
        foreach (var child in children)
        {
            await _host.WhenAsync(child, "cancelled");
            var told = (await _host.GetAsync($"workflows/{child}/explain?format=text")).Text;
            var audit = (await _host.GetAsync($"audit?subject={child}")).Json["entries"]!.AsArray();
            Assert.Multiple(() =>
            {
                Assert.That(told, Does.Contain($"It was cancelled: cancel by anonymous: {parent}, which started it, waits for it no longer. What it had done was undone first."));
                Assert.That(audit.Select(entry => $"{entry!["action"]} {entry["actor"]} {entry["account"]}"), Is.EqualTo(new[] { "workflow.cancel anonymous default" }));
            });
        }
    }

    [TestCase("parent", 1)]
    [TestCase("parents", 3)]
    public async Task Children_of_a_step_that_is_skipped_are_cancelled(string rule, int count)
    {
        var parent = await _host.StartRunAsync(rule);
        var children = await ChildrenAsync(parent, count);
        foreach (var child in children) await _host.WhenAsync(child, "waiting");
        await _host.WhenAsync(parent, "waiting");
        Assert.That((await _host.PostAsync($"workflows/{parent}/skip", new { reason = "Done by hand." })).Status, Is.EqualTo(HttpStatusCode.OK));
        await _host.WhenAsync(parent, "success");
        foreach (var child in children)
        {
            await _host.WhenAsync(child, "cancelled");
            Assert.That((await _host.GetAsync($"workflows/{child}/explain?format=text")).Text, Does.Contain($"{parent}, which started it, waits for it no longer"));
        }
    }

    [Test]
    public async Task Child_of_a_lane_that_lost_is_cancelled()
    {
        var parent = await _host.StartRunAsync("racing");
        var children = await ChildrenAsync(parent, 1);
        await _host.WhenAsync(children[0], "waiting");
        await _host.WhenAsync(parent, "waiting");
        Assert.That((await _host.PostAsync($"workflows/{parent}/signal", new Dictionary<string, object>(StringComparer.Ordinal) { ["event"] = "first" })).Status, Is.EqualTo(HttpStatusCode.OK));
        await _host.WhenAsync(children[0], "cancelled");
        Assert.That((string)(await _host.WhenAsync(parent, "waiting"))["current_step"]!, Is.EqualTo("After"));
    }

    [Test]
    public async Task Child_that_outlives_its_cancelled_parent_is_found()
    {
        var parent = await _host.StartRunAsync("parent");
        var child = (await ChildrenAsync(parent, 1))[0];
        await _host.WhenAsync(child, "waiting");
        var invariants = _host.Host.Services.GetRequiredService<RunInvariants>();
        var key = StartChildRun.KeyOf(parent, "Child", 1);
        // Its cancel doesn't find it
        await _host.Host.InDb<OrchestrationDbContext>(db => db.StartKeys.Where(k => k.Key == key).ExecuteUpdateAsync(s => s.SetProperty(k => k.WorkflowId, parent)));
        await _host.SendAsync(HttpMethod.Delete, $"workflows/{parent}", new { reason = "Not needed." });
        await _host.WhenAsync(parent, "cancelled");
        await _host.Host.WhenQuiet();
        await _host.Host.InDb<OrchestrationDbContext>(db => db.StartKeys.Where(k => k.Key == key).ExecuteUpdateAsync(s => s.SetProperty(k => k.WorkflowId, child)));
        Assert.That(await invariants.FindAsync(CancellationToken.None), Is.EqualTo(new[] { (RunInvariant.ChildrenEndWithTheirParent, child) }));

        await _host.SendAsync(HttpMethod.Delete, $"workflows/{child}", new { reason = "Seen." });
        await _host.WhenAsync(child, "cancelled");
        Assert.That(await invariants.FindAsync(CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task Child_whose_start_comes_after_its_parent_was_cancelled_never_begins()
    {
        var system = new Caller("anna", "default", [Role.System], []);
        var parent = Id<Workflow>.New(TimeProvider.System);
        foreach (var _ in new[] { 1, 2 }) await _host.Host.SendAsync(new CancelChild(parent, "Child", 1, "olga", Rollback: false), system);

        var late = new StartWorkflow.Command("child", []) { IdempotencyKey = StartChildRun.KeyOf(parent, "Child", 1), Parent = new ParentStep(parent, "Child", 1, Waits: true) };
        Assert.That(async () => await _host.Host.SendAsync(late, system), Throws.InstanceOf<DoxException>());
        Assert.That(await ChildrenAsync(parent, 0), Is.Empty);
    }

    /// <summary>The runs that it started, once there are so many.</summary>
    private async Task<List<Id<Workflow>>> ChildrenAsync(Id<Workflow> parent, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(15));
        while (true)
        {
            var text = parent.ToString();
            var children = await _host.Host.InDb<OrchestrationDbContext, List<Id<Workflow>>>(db => db.OpenRuns.AsNoTracking().Where(r => r.RuleName == "child" && r.State.Contains(text)).Select(r => r.Id).ToListAsync());
            if (children.Count == count) return children;
            await look.WaitForNextTickAsync(limit.Token);
        }
    }
}
