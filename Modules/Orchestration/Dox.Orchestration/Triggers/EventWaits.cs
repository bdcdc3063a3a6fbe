using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Events;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Triggers;

/// <summary>Gives runs the events that they wait for: of the name, with what <c>match</c> asks for in their data, and not from before the waiting began.</summary>
internal sealed class EventWaits(RuleBook rules, RunAnswers answers, IServiceScopeFactory scopes) : IEventConsumer
{
    public string Name => "event-waits";

    public ValueTask<FeedInterest> InterestAsync(CancellationToken cancellationToken) => new(Waiting().Any() ? FeedInterest.Raised : FeedInterest.Nothing);

    public async Task TakeAsync(IReadOnlyList<DoxEvent> events, CancellationToken cancellationToken)
    {
        var names = Waiting().Select(r => r.Name).ToList();
        foreach (var e in events)
        {
            foreach (var run in await CandidatesAsync(names, e, cancellationToken)) await GiveAsync(run, e, cancellationToken);
        }
    }

    // By their text: one rule too many costs a look, and a name that is filled in when the step runs is found too.
    private IEnumerable<Rule> Waiting() =>
        rules.Loaded.Rules.Where(r => r.Source.Contains("wait", StringComparison.Ordinal) && r.Source.Contains("event", StringComparison.Ordinal));

    private async Task<List<Id<Workflow>>> CandidatesAsync(List<string> names, DoxEvent e, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        var (account, quoted) = (e.Account, $"\"{e.Type}\"");
        return await db.OpenRuns.AsNoTracking().Where(r => names.Contains(r.RuleName) && (account == null || r.Account == account) && r.State.Contains(quoted)).Select(r => r.Id).ToListAsync(cancellationToken);
    }

    private async Task GiveAsync(Id<Workflow> id, DoxEvent e, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        if (await db.OpenRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellationToken) is not { } row) return;
        foreach (var wait in RunStateJson.Read(row.State).Waits.Where(w => IsFor(w, e)))
        {
            if (await answers.GiveAsync(db, id, new WaitAnswer(wait.Step, wait.Visit, WaitDecision.Done, (JsonObject)e.Data.DeepClone()), cancellationToken))
                await db.SaveChangesAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
    }

    private static bool IsFor(Wait wait, DoxEvent e)
    {
        if (wait.Kind != WaitKind.Event || (string?)wait.Data?["event"] != e.Type || e.Timestamp < wait.Since) return false;
        return wait.Data?["match"] is not JsonObject match || match.All(m => JsonNode.DeepEquals(m.Value, e.Data[m.Key]));
    }
}
