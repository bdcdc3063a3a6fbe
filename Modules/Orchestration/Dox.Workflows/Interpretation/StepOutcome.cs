using System.Text.Json.Nodes;

namespace Dox.Workflows.Interpretation;

/// <summary>What came of one attempt of a step.</summary>
public abstract record StepOutcome
{
    private StepOutcome()
    {
    }

    /// <summary>The step did what it should.</summary>
    /// <param name="Output">Its result. It belongs to the run afterwards.</param>
    public static StepOutcome Success(JsonNode? Output = null) => new Succeeded(Output);

    /// <summary>The step failed.</summary>
    public static StepOutcome Failure(string code, string message, int? httpStatus = null, JsonNode? details = null, bool retryable = true) =>
        new Failed(new StepError(code, message, httpStatus, details, retryable));

    /// <summary>The step can't go on before someone or something answers.</summary>
    /// <param name="kind">Who.</param>
    /// <param name="data">What is asked.</param>
    /// <param name="wakeAt">When the waiting ends by itself: a timer is done, any other wait fails with <c>timeout</c>. A person's never does.</param>
    public static StepOutcome WaitFor(WaitKind kind, JsonObject? data = null, DateTimeOffset? wakeAt = null) => new Waiting(kind, data, wakeAt);

    /// <summary>It did what it should.</summary>
    public sealed record Succeeded(JsonNode? Output) : StepOutcome;

    /// <summary>It failed.</summary>
    public sealed record Failed(StepError Error) : StepOutcome;

    /// <summary>It waits.</summary>
    public sealed record Waiting(WaitKind Kind, JsonObject? Data, DateTimeOffset? WakeAt) : StepOutcome;

    /// <summary>A failed step is to be run again (<c>retry_logic</c>).</summary>
    internal sealed record RunAgain(Rerun Rerun) : StepOutcome;
}
