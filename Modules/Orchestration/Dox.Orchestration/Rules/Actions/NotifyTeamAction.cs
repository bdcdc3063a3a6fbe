using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.TeamCoordination.Contracts;
using Dox.Workflows;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Rules.Actions;

/// <summary><c>notify_team</c>: tells a team something.</summary>
internal sealed class NotifyTeamAction(MessageCatalog catalog, ModuleCall modules)
{
    public ActionDefinition Definition => new(
        "notify_team", "Tells a team something.",
        [new VocabularyParameter("team"), new VocabularyParameter("subject", Required: true), new VocabularyParameter("message", Required: true)],
        ExecuteAsync);

    private async ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken) =>
        await modules.SendAsync(
            catalog.Of(typeof(NotifyTeam)),
            new NotifyTeam(call.TextOrNull("team") ?? (string?)call.Run.Facts?["team"] ?? "Document", call.Text("subject"), call.Text("message")),
            call, cancellationToken);
}
