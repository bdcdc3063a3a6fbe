using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Actions;

/// <summary><c>retry_logic</c>: runs the step that failed again; if that doesn't help, this step has failed.</summary>
internal sealed class RetryLogic(MapTemplate parameters) : ParameterOperation(parameters)
{
    private const int MostAttempts = 100;
    private const int LongestDelayMs = 3_600_000;

    public static readonly BuiltInAction Definition = new(
        "retry_logic", "Runs the step that failed again, with a growing delay.",
        [new VocabularyParameter("attempts"), new VocabularyParameter("backoff"), new VocabularyParameter("base_delay_ms")], step => new RetryLogic(step.Compile()));

    public override bool IsImmediate => true;

    public override ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken)
    {
        if (call.Place.Track.Error?.Step is not { } path)
            return new(StepOutcome.Failure("nothing_to_retry", "No step has failed before this one.", retryable: false));
        var attempts = JsonValues.TryDouble(call.Parameters["attempts"]) ?? 3;
        var delay = JsonValues.TryDouble(call.Parameters["base_delay_ms"]) ?? 100;
        if (attempts is < 1 or > MostAttempts) throw new StepParameterException($"'attempts' must be from 1 to {MostAttempts}.");
        if (delay is < 0 or > LongestDelayMs) throw new StepParameterException($"'base_delay_ms' must be from 0 to {LongestDelayMs}.");
        return new(new StepOutcome.RunAgain(new Rerun(path[call.Place.Prefix.Length..], call.Step.Name, (int)attempts, (int)delay, call.TextOrNull("backoff") != "fixed")));
    }
}
