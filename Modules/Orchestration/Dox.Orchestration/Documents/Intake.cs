using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Rules;
using Dox.SharedKernel;
using Dox.Validation.Contracts;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Documents;

/// <summary>
/// What surrounds a run while its submitter waits: it ends at the first checkpoint, where document and run are kept in one transaction, or
/// nothing is.
/// </summary>
internal sealed class Intake(
    OrchestrationDbContext db, RunStore store, RuleBook rules, HeldRun run, SubmittedFile file, JsonObject metadata, string? idempotencyKey, DocumentRecord? replaced)
    : IRunServices
{
    /// <summary>The document, once it is kept; null when it was refused, or is here already.</summary>
    public DocumentRecord? Accepted { get; private set; }

    /// <summary>Why it couldn't be kept: another upload of the same content or key was first, or the database failed.</summary>
    public ExceptionDispatchInfo? Fault { get; private set; }

    public TimeSpan LongestPause => TimeSpan.FromSeconds(2);

    public bool StopRequested { get; private set; }

    public Rule? FindRule(string name) => rules.Find(name);

    public async ValueTask CheckpointAsync(Rule rule, RunState state, StepAttempt attempt, bool mustPersist, CancellationToken cancellationToken)
    {
        // Nothing is accepted before its first part succeeded; an attempt that failed may be made again while the submitter waits.
        if (attempt.Status != StepStatus.Success || state.Error is { Rejected: true }) return;
        StopRequested = true;
        var document = new DocumentRecord
        {
            Id = file.Id,
            Bucket = Bucket.Of(run.Account),
            Account = run.Account,
            SubmittedBy = run.User,
            FileName = file.FileName,
            MediaType = file.MediaType,
            Sha256 = file.Sha256,
            Length = file.Length,
            Metadata = metadata.ToJsonString(DoxJson.Options),
            Validation = attempt.Output?.ToJsonString(DoxJson.Options) ?? "{}",
            WorkflowId = run.Id,
            Created = state.StartedAt,
            Replaces = replaced?.Id,
        };
        db.Documents.Add(document);
        if (idempotencyKey is not null)
            db.StartKeys.Add(new StartKey { Account = run.Account, Key = idempotencyKey, WorkflowId = run.Id, Created = state.StartedAt });
        store.Add(db, run, attempt);
        try
        {
            await SaveAsync(state.StartedAt, cancellationToken);
            Accepted = document;
        }
        catch (DbUpdateException e)
        {
            db.ChangeTracker.Clear();
            Fault = ExceptionDispatchInfo.Capture(e);
        }
    }

    // Where another upload took the same place first, the second one meets the unique index
    private async Task SaveAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (replaced is null)
        {
            await db.SaveChangesAsync(cancellationToken);
            return;
        }

        await using var write = await db.BeginWriteAsync(cancellationToken);
        await db.Documents.Where(d => d.Id == replaced.Id && d.Superseded == null).ExecuteUpdateAsync(d => d.SetProperty(x => x.Superseded, now), cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
    }
}
