using System.Text.Json.Nodes;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules;
using Dox.SharedKernel;
using Dox.Validation.Contracts;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Orchestration.Documents;

/// <summary>
/// What surrounds a run while its submitter waits: it ends at the first checkpoint, where document and run are kept in one transaction, or
/// nothing is.
/// </summary>
internal sealed class Intake(
    RunCheckpoints checkpoints, RuleBook rules, HeldRun run, SubmittedFile file, JsonObject metadata, string? idempotencyKey, DocumentRecord? replaced) : IRunServices
{
    /// <summary>The document, once it is kept; null when it was refused, or another upload of the same content or key was first.</summary>
    public DocumentRecord? Accepted { get; private set; }

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
            SubmittedBy = run.Header.User,
            FileName = file.FileName,
            MediaType = file.MediaType,
            Sha256 = file.Sha256,
            Length = file.Length,
            Metadata = metadata.ToJsonString(DoxJson.Options),
            Validation = attempt.Output?.ToJsonString(DoxJson.Options) ?? "{}",
            WorkflowId = run.Id,
            Created = state.StartedAt,
            Replaces = replaced?.Id,
        }.WithWords();
        IReadOnlyList<StartKey> keys = idempotencyKey is null ? [] : [new() { Account = run.Account, Key = idempotencyKey, WorkflowId = run.Id, Created = state.StartedAt }];
        if ((await checkpoints.StartAsync(run, attempt, document, keys)).IsWritten) Accepted = document;
    }
}
