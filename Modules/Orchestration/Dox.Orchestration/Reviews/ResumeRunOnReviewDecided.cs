using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel;
using Dox.TeamCoordination.Contracts;
using Dox.TemplateMatching.Contracts;
using Dox.Workflows.Interpretation;
using MediatR;

namespace Dox.Orchestration.Reviews;

/// <summary>A person decided: the run that waits for it goes on, and the matcher is told what the document is.</summary>
internal sealed class ResumeRunOnReviewDecided(OrchestrationDbContext db, RunAnswers answers) : INotificationHandler<ReviewDecided>
{
    public async Task Handle(ReviewDecided happened, CancellationToken cancellationToken)
    {
        var approved = happened.Decision == ReviewDecision.Approved;
        var result = new JsonObject
        {
            ["decision"] = approved ? "approved" : "rejected",
            ["template_id"] = happened.TemplateId,
            ["fields"] = JsonSerializer.SerializeToNode(happened.Fields, DoxJson.Options),
            ["reason"] = happened.Reason,
            ["decided_by"] = happened.DecidedBy,
            ["review_id"] = happened.ReviewId.ToString(),
        };
        var answer = new WaitAnswer(happened.Step, happened.Visit, approved ? WaitDecision.Done : WaitDecision.Refused, result, happened.Reason);
        if (!await answers.GiveAsync(db, happened.WorkflowId, answer, cancellationToken)) return;

        if (happened.DocumentId is { } document) db.Enqueue(new DeclareTemplate(document, approved ? happened.TemplateId : null, happened.DecidedBy, approved));
        await db.SaveChangesAsync(cancellationToken);
    }
}
