using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Actions;

/// <summary><c>manual_intervention</c>: a person decides. The wait never ends by itself, least of all in an approval.</summary>
internal sealed class ManualIntervention(MapTemplate parameters) : ParameterOperation(parameters)
{
    public static readonly BuiltInAction Definition = new(
        "manual_intervention", "Waits until a person of a team decides; the decision is the step's result, a rejection its failure.",
        [
            new VocabularyParameter("team"), new VocabularyParameter("subject"), new VocabularyParameter("message"), new VocabularyParameter("evidence"),
            new VocabularyParameter("due_hours"), new VocabularyParameter("four_eyes"), new VocabularyParameter("options"),
        ],
        step => new ManualIntervention(step.Compile()));

    public override bool IsImmediate => true;

    public override ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken) =>
        new(StepOutcome.WaitFor(WaitKind.Human, (JsonObject)call.Parameters.DeepClone()));
}
