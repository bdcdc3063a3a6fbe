using System.Text.Json;
using Dox.Orchestration.Contracts;
using Dox.Orchestration.Data;
using Dox.SharedKernel;
using Dox.SharedKernel.Ids;
using Dox.TeamCoordination.Contracts;
using Dox.Validation.Contracts;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Documents;

/// <summary>
/// Content is judged otherwise than when it came in: its documents say so; where a threat was found the runs that would go on with it are cancelled,
/// and the team gets a blocker.
/// </summary>
internal sealed class JudgeDocumentsAgain(OrchestrationDbContext db, TimeProvider clock) : INotificationHandler<ContentVerdictChanged>
{
    private const string Service = "dox-validation-service";
    private const int MostNamed = 20;

    public async Task Handle(ContentVerdictChanged happened, CancellationToken cancellationToken)
    {
        var documents = await db.Documents.Where(d => d.Sha256 == happened.Sha256 && d.Deleted == null).OrderBy(d => d.Id).ToListAsync(cancellationToken);
        if (documents.Count == 0)
        {
            // Put back for documents that were deleted meanwhile
            if (happened.Verdict == ContentVerdict.Released) db.Enqueue(new RemoveContent(happened.Sha256));
            await db.SaveChangesAsync(cancellationToken);
            return;
        }

        var scan = JsonSerializer.Serialize(happened.Scan, DoxJson.Options);
        foreach (var document in documents) document.Judge(JsonNamingPolicy.SnakeCaseLower.ConvertName(happened.Verdict.ToString()), scan, happened.At);
        if (happened.Verdict == ContentVerdict.Quarantined) await EndRunsAsync(happened, documents, cancellationToken);
        if (BlockerFor(happened, documents) is { } blocker) db.Enqueue(blocker);
        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task EndRunsAsync(ContentVerdictChanged happened, List<DocumentRecord> documents, CancellationToken cancellationToken)
    {
        var runs = documents.Select(d => d.WorkflowId).ToList();
        var open = await db.OpenRuns.Where(r => runs.Contains(r.Id)).Select(r => r.Id).ToListAsync(cancellationToken);
        var reason = $"A threat was found in its document: {happened.Scan.ThreatName}. The content is in quarantine as {happened.QuarantineId}.";
        foreach (var run in open) db.Enqueue(new EndRun(run, reason));
    }

    private OpenBlocker? BlockerFor(ContentVerdictChanged happened, List<DocumentRecord> documents)
    {
        var (severity, title, what) = happened.Verdict switch
        {
            ContentVerdict.Quarantined => (
                BlockerSeverity.Critical, $"A threat was found in content that was let in: {happened.Scan.ThreatName}",
                $"Its bytes are in quarantine as {happened.QuarantineId}: nobody can read them. An administrator releases or deletes them. Runs that were under way are cancelled; replay them after a release. Look at what was done with the documents meanwhile."),
            ContentVerdict.Unscannable => (
                BlockerSeverity.Medium, "Content that was let in unscanned can't be scanned",
                "The scanner that is there now couldn't look at all of it. Look at it, and delete it where it isn't needed."),
            _ => (BlockerSeverity.Low, "", ""),
        };
        if (what.Length == 0) return null;
        var named = string.Join(", ", documents.Take(MostNamed).Select(d => $"{d.Id} ({d.FileName}, of {d.SubmittedBy}, account {d.Account})"));
        var more = documents.Count > MostNamed ? $" and {documents.Count - MostNamed} more" : "";
        return new OpenBlocker(
            Id<Blocker>.New(clock), severity, Service, Team: null, title, $"{what} Documents: {named}{more}. Content sha256:{happened.Sha256}.", documents[^1].WorkflowId);
    }
}
