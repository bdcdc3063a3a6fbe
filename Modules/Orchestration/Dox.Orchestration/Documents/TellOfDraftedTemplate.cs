using Dox.Orchestration.Data;
using Dox.TeamCoordination.Contracts;
using Dox.TemplateMatching.Contracts;
using MediatR;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Documents;

/// <summary>Unknown documents propose a template: the team that looks after documents is told.</summary>
internal sealed class TellOfDraftedTemplate(OrchestrationDbContext db, IOptions<EngineOptions> options) : INotificationHandler<TemplateDrafted>
{
    public async Task Handle(TemplateDrafted happened, CancellationToken cancellationToken)
    {
        db.Enqueue(new NotifyTeam(
            options.Value.DefaultTeam, $"{happened.Documents} unknown documents look alike",
            $"They propose the template {happened.DraftId}. An author looks at it (GET /api/v1/templates/drafts/{happened.DraftId}), and publishes or dismisses it."));
        await db.SaveChangesAsync(cancellationToken);
    }
}
