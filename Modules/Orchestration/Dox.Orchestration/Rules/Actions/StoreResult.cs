using Dox.Orchestration.StoredResults;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.Workflows;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Rules.Actions;

/// <summary><c>store_result</c>: adds a row to a table of results, once for each key.</summary>
internal sealed class StoreResult(ModuleCall modules)
{
    private static readonly MessageType Store = new(
        "orchestration.add-result", typeof(AddResult.Command), "Orchestration", MessageKind.Command, typeof(AddResult.Result));

    public ActionDefinition Definition => new(
        "store_result", "Adds data to a table of results (GET /api/v1/results/TABLE), once for each key; the key is the step's own unless one is given.",
        [new VocabularyParameter("table", Required: true), new VocabularyParameter("data", Required: true), new VocabularyParameter("key")],
        ExecuteAsync);

    private async ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken)
    {
        var data = call.Parameters["data"] ?? throw new StepParameterException("'data' is missing: give what is to be stored.");
        Id<Document>? document = Id<Document>.TryParse((string?)call.Run.Facts?["document_id"], null, out var id) ? id : null;
        return await modules.SendAsync(
            Store,
            new AddResult.Command(call.Text("table"), call.TextOrNull("key") ?? call.IdempotencyKey, data.DeepClone(), call.Run.RunId, document, call.Rule.Name),
            call, cancellationToken);
    }
}
