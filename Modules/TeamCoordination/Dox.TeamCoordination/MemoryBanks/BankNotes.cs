using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dox.SharedKernel;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.TeamCoordination.Blockers;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.Teams;

namespace Dox.TeamCoordination.MemoryBanks;

/// <summary>
/// Notes what banks are to show; the writer does the rest. An update that can't be applied becomes a blocker: refused, it would take
/// the run's line in the execution log with it.
/// </summary>
internal sealed class BankNotes(TeamCoordinationDbContext db, TeamDirectory teams, CallContext call, BankSignal signal, TimeProvider clock)
{
    public async Task NoteAsync(IReadOnlyList<UpdateMemoryBanks> requests, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var names = teams.All.Select(t => t.Name).ToList();
        foreach (var request in requests)
        {
            foreach (var update in request.Updates) await NoteAsync(update, request, names, now, cancellationToken);
        }

        // One row for all of them: a row each would cost more than the runs.
        var executions = requests.Select(r => r.Execution).OfType<ExecutionEntry>().ToList();
        if (executions.Count > 0)
            db.BankUpdates.Add(BankUpdateRow.Of(BankName.ExecutionLog, BankUpdateKind.Executions, JsonSerializer.Serialize(new { executions }, DoxJson.Options), now));
        await db.SaveChangesAsync(cancellationToken);
        signal.Raise();
    }

    private async Task NoteAsync(BankUpdate update, UpdateMemoryBanks request, List<string> names, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var files = BankName.FindAll(update.File, names);
        if (files.Count == 0)
            await RefuseAsync(update.File, "it isn't the name of a memory bank", request.Execution, now, cancellationToken);
        else if (update.Update.ValueKind != JsonValueKind.Object || BankDocument.TryParse(Encoding.UTF8.GetBytes(update.Update.GetRawText()), out _) is null)
            await RefuseAsync(update.File, "the update is no map of keys, each once, and values", request.Execution, now, cancellationToken);
        else
            db.BankUpdates.AddRange(files.Select(file => BankUpdateRow.Of(file, BankUpdateKind.Merge, update.Update.GetRawText(), now, request.Depth)));
    }

    private Task RefuseAsync(string file, string why, ExecutionEntry? execution, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // One blocker for a name, however many runs meet it.
        var id = new Id<Blocker>(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"bank-name {file} {why}")).AsSpan(0, 16)));
        var rule = execution is null ? "A rule" : $"The rule {execution.RuleName}";
        var met = new OpenBlocker(
            id, BlockerSeverity.Medium, execution?.Service ?? "dox-workflow-orchestrator", null, $"An update of the memory bank '{file}' is lost",
            $"{rule} updates '{file}', but {why}. Banks are WORKFLOW_EXECUTION_LOG, SUPERVISOR, BLOCKING_ISSUES, API_CONTRACTS, WORKFLOW_EVENTS, TEAM_<name> and "
            + "SERVICE_<name>, each with .json. Correct the rule's memory_bank_updates.",
            execution?.WorkflowId);
        return db.OpenBlockerOnceAsync(met, teams, call.Caller, now, cancellationToken);
    }
}
