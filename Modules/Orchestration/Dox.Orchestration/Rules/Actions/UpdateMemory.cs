using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.TeamCoordination.Contracts;
using Dox.Workflows;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Rules.Actions;

/// <summary><c>update_memory</c>: changes memory banks while the run goes on.</summary>
internal sealed class UpdateMemory(MessageCatalog catalog, ModuleCall modules)
{
    public ActionDefinition Definition => new(
        "update_memory", "Changes a memory bank (file, update), or several (updates).",
        [new VocabularyParameter("file"), new VocabularyParameter("update"), new VocabularyParameter("updates")],
        ExecuteAsync);

    private async ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken)
    {
        IReadOnlyList<BankUpdate> updates = call.Parameters["updates"] is JsonArray list
            ? [.. list.OfType<JsonObject>().Select(u => UpdateOf(u, call))]
            : [UpdateOf(call.Parameters, call)];
        return await modules.SendAsync(catalog.Of(typeof(UpdateMemoryBanks)), new UpdateMemoryBanks(updates, Depth: Causation.DepthOf(call.Run)), call, cancellationToken);
    }

    private static BankUpdate UpdateOf(JsonObject update, StepCall call)
    {
        if (update["file"] is not JsonValue file || !file.TryGetValue<string>(out var name)) throw new StepParameterException("'file' must name a memory bank, for example SUPERVISOR.json.");
        if (update["update"] is not JsonObject values) throw new StepParameterException("'update' must be a map of keys to values.");
        return new(RuleInterpreter.FileNameOf(name, call.Rule, call.Run), JsonSerializer.SerializeToElement(values));
    }
}
