using Dox.Orchestration.Data;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Documents;

/// <summary>Documents by what <see cref="DocumentView.StatusOf"/> says of them, asked of the database.</summary>
internal static class DocumentStatuses
{
    private static readonly RunStatus[] s_processing = [RunStatus.Pending, RunStatus.Running, RunStatus.Retry, RunStatus.Paused, RunStatus.Waiting];

    /// <exception cref="SharedKernel.Errors.DoxException">400 <c>invalid_status</c>.</exception>
    public static IQueryable<DocumentRecord> Having(IQueryable<DocumentRecord> documents, OrchestrationDbContext db, string status)
    {
        if (status == "quarantined") return documents.Where(d => d.LaterVerdict == "quarantined" || d.LaterVerdict == "deleted");
        var others = documents.Where(d => d.LaterVerdict == null || (d.LaterVerdict != "quarantined" && d.LaterVerdict != "deleted"));
        if (status == "expired") return others.Where(d => !db.OpenRuns.Any(r => r.Id == d.WorkflowId) && !db.EndedRuns.Any(r => r.Id == d.WorkflowId));
        RunStatus[] states = status switch
        {
            "processing" => s_processing,
            "in_review" => [RunStatus.WaitingForHuman],
            "completed" => [RunStatus.Success],
            "failed" => [RunStatus.Failed],
            "escalated" => [RunStatus.Escalated],
            "cancelled" => [RunStatus.Cancelled],
            _ => throw Page.Bad("status", $"'status': '{status}' is no state of a document. The states are processing, in_review, completed, failed, escalated, cancelled, quarantined, expired."),
        };
        return others.Where(d => db.OpenRuns.Any(r => r.Id == d.WorkflowId && states.Contains(r.Status)) || db.EndedRuns.Any(r => r.Id == d.WorkflowId && states.Contains(r.Status)));
    }
}
