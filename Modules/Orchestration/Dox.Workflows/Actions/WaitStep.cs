using System.Globalization;
using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Actions;

/// <summary><c>wait</c>: a number of seconds, until a time, or for an event.</summary>
internal sealed class WaitStep(MapTemplate parameters) : ParameterOperation(parameters)
{
    private const double LongestSeconds = 366 * 24 * 3600;
    private static readonly string[] Ways = ["seconds", "until", "event"];

    public static readonly BuiltInAction Definition = new(
        "wait", "Waits some seconds, until a time, or for an event (with timeout_seconds: at most so long).",
        [new VocabularyParameter("seconds"), new VocabularyParameter("until"), new VocabularyParameter("event"), new VocabularyParameter("match")], Compile);

    public override bool IsImmediate => true;

    public override ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken) => new(Begin(call));

    private static StepOutcome Begin(StepCall call)
    {
        if (call.Parameters.ContainsKey("seconds"))
        {
            return JsonValues.TryDouble(call.Parameters["seconds"]) is { } seconds and >= 0 and <= LongestSeconds
                ? StepOutcome.WaitFor(WaitKind.Timer, null, call.Now.AddSeconds(seconds))
                : throw new StepParameterException("'seconds' must be a number from 0 to a year.");
        }

        if (call.Parameters.ContainsKey("until"))
        {
            return DateTimeOffset.TryParse(call.TextOrNull("until"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until)
                ? StepOutcome.WaitFor(WaitKind.Timer, null, until)
                : throw new StepParameterException("'until' must be a time (ISO 8601).");
        }

        var data = new JsonObject { ["event"] = call.Text("event"), ["match"] = call.Parameters["match"]?.DeepClone() };
        DateTimeOffset? wakeAt = JsonValues.TryDouble(call.Parameters["timeout_seconds"]) is { } limit ? call.Now.AddSeconds(limit) : null;
        return StepOutcome.WaitFor(WaitKind.Event, data, wakeAt);
    }

    private static WaitStep? Compile(StepSource step)
    {
        var ways = Ways.Count(way => step.Map?[way] is not null);
        if (ways == 1) return new WaitStep(step.Compile());
        step.Bag.Warn("bad-wait", step.Mark, $"The step '{step.StepName}' must wait for exactly one of seconds, until, event; it fails when it is run.");
        return null;
    }
}
