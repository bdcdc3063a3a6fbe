using System.Text.Json.Nodes;
using Dox.Simulation.Tests.Checking;
using Dox.Simulation.Tests.Scheduling;
using Dox.Simulation.Tests.Storage;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;

namespace Dox.Simulation.Tests.Surroundings;

/// <summary>
/// The services behind the steps. Each does what it is asked once per idempotency key and then answers as it answered first; what it answers
/// depends on the key and the attempt alone, so that a run without faults meets the same services.
/// </summary>
internal sealed class Services(World world)
{
    private readonly Actor _service = new(world, "services");
    private readonly Dictionary<string, int> _done = new(StringComparer.Ordinal);
    private int _underWay;
    private readonly Dictionary<string, string> _parameters = new(StringComparer.Ordinal);

    /// <summary>Whose answers take long now: the action hangs in the middle of a node's work.</summary>
    public TimeSpan Slowest { get; set; } = TimeSpan.FromMilliseconds(40);

    /// <summary>The keys whose effect was made, in that order.</summary>
    public IEnumerable<string> Effects => _done.Keys;

    /// <summary>No call is under way.</summary>
    public bool IsQuiet => _underWay == 0;

    /// <summary>Calls a service from the actor that is acting now. A caller that dies meanwhile may have been heard.</summary>
    public async ValueTask<StepOutcome> CallAsync(StepCall call, CancellationToken cancellationToken)
    {
        var caller = (Actor)SynchronizationContext.Current!;
        var answer = new TaskCompletionSource<StepOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var (key, attempt, parameters, step, run) = (call.IdempotencyKey, call.Attempt, call.Parameters, call.Step.Name, call.Run.RunId);
        var text = parameters.ToJsonString();
        if (world.Mutation == Mutation.KeyPerAttempt) key = $"{key}#{attempt}";
        _underWay++;
        world.After(Latency(), _service, () =>
        {
            _underWay--;
            var outcome = Serve(key, attempt, parameters, text, ShippedAnswers.Of(step, run));
            world.After(Latency(), caller, () => answer.TrySetResult(outcome));
        });
        await using var _ = cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        return await answer.Task;
    }

    private StepOutcome Serve(string key, int attempt, JsonObject parameters, string text, JsonObject? scripted)
    {
        // A key names one thing: asked for another with it, the caller has lost its thread.
        if (!_parameters.TryAdd(key, text) && _parameters[key] != text)
            world.Violate("a key never comes with other parameters", $"{key}: {_parameters[key]} at first, {text} now");
        if (attempt <= Number(parameters, "fails")) return StepOutcome.Failure("flaky", "Not yet.");
        if (!_done.TryGetValue(key, out var times) || world.Mutation == Mutation.ServicesForget)
        {
            _done[key] = ++times;
            world.Trace.Write(world, "services", $"{key} attempt {attempt}: done");
            if (times > 1) world.Violate(Invariants.EffectOnce, $"{key} was done {times} times");
        }

        return Answer(key, attempt, parameters, scripted);
    }

    // Done, and the answer is lost on its way: the next attempt hears it
    private static StepOutcome Answer(string key, int attempt, JsonObject parameters, JsonObject? scripted) =>
        attempt <= Number(parameters, "unsure")
            ? StepOutcome.Failure("timeout", "Nobody answered.", 504)
            : StepOutcome.Success(scripted ?? new JsonObject { ["value"] = StableHash.Of(key) % 100, ["text"] = $"by {key}" });

    private TimeSpan Latency() => world.Dice.Between(TimeSpan.FromMilliseconds(0.2), Slowest);

    private static double Number(JsonObject parameters, string name) => JsonValues.TryDouble(parameters[name]) ?? 0;
}
