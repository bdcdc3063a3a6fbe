using Dox.Orchestration.Data;
using Dox.Orchestration.Engine.MemoryBanks;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.Workflows.Interpretation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Engine;

/// <summary>
/// Puts an answer into a run that waits for it. Its row is changed in place, and is then due. Mostly nobody holds such a run; where a node does,
/// because other lanes of it go on, that node loses it: what those were doing is done again under the same keys.
/// </summary>
internal sealed class RunAnswers(RuleBook rules, RuleInterpreter interpreter, RunCheckpoints checkpoints, OutboxMessages outbox, BankRelay banks, EngineSignal signal, ILogger<RunAnswers> log)
{
    /// <summary>Changes the run's row in what the caller is about to save.</summary>
    /// <returns>False when the run doesn't wait for this answer (any more): nothing was changed.</returns>
    public async Task<bool> GiveAsync(OrchestrationDbContext db, Id<Workflow> id, WaitAnswer answer, CancellationToken cancellationToken)
    {
        var row = await db.OpenRuns.SingleOrDefaultAsync(r => r.Id == id, cancellationToken);
        if (row is null)
        {
            log.LogInformation("The run {Run} ended before '{Step}' was answered", id, answer.Step);
            return false;
        }

        var run = HeldRun.Of(row, await rules.PinnedAsync(row.RuleHash, cancellationToken));
        if (interpreter.Answer(run.Rule, run.State, answer) is not { } attempt)
        {
            log.LogInformation("The run {Run} doesn't wait at '{Step}' any more", id, answer.Step);
            return false;
        }

        var write = checkpoints.Changed(run, attempt);
        db.Change(row, write);
        db.AfterCommit(signal.Raise);
        if (write.BankNote is not null) db.AfterCommit(banks.Raise);
        if (write.Messages.Count > 0) db.AfterCommit(() => outbox.Committed(OrchestrationModule.ModuleName));
        return true;
    }
}
