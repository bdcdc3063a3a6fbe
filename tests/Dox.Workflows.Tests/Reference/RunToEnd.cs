using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Workflows.Tests.Reference;

/// <summary>
/// A run of a rule to its end: persons answer at once, and runs that it waits for have ended; only then the clock goes on. A node that dies is followed by another.
/// </summary>
internal sealed class RunToEnd
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public RunToEnd(Rule rule, Func<string, bool> refuses, Func<int, bool>? dieAt = null, Func<string, Rule?>? find = null, JsonNode? input = null, JsonObject? answer = null, string id = "run")
    {
        Rule = rule;
        Refuses = refuses;
        DieAt = dieAt;
        Answer = answer;
        Services = new RecordingServices { LongestPause = TimeSpan.Zero, Rules = find ?? (_ => null) };
        State = RunState.Start(rule, id, input ?? new JsonObject { ["n"] = 0 }, Start);
    }

    public Rule Rule { get; }

    private Func<string, bool> Refuses { get; }

    private Func<int, bool>? DieAt { get; }

    private JsonObject? Answer { get; }

    public RecordingServices Services { get; }

    public RunState State { get; private set; }

    public IEnumerable<string> Journal => Services.Attempts.Select(attempt =>
        attempt.IdempotencyKey.EndsWith("/undo", StringComparison.Ordinal) ? $"{attempt.Step} undone" : $"{attempt.Step}:{attempt.Status}");

    public async Task<RunToEnd> ToEnd()
    {
        var clock = new FakeTimeProvider(Start);
        var interpreter = new RuleInterpreter(clock);
        var died = false;
        Services.DieAt = count => !died && DieAt is not null && DieAt(count) && (died = true);
        var kept = RunStateJson.WriteText(State);
        while (true)
        {
            // Who may die reads anew every time, as another node would; the run that it is compared with never leaves the memory
            if (DieAt is not null) State = RunStateJson.Read(kept);
            try
            {
                var isAtRest = State.IsWaiting && !(State.WakeAt <= clock.GetUtcNow());
                if (isAtRest && State.Waits.FirstOrDefault(wait => wait.Kind is WaitKind.Human or WaitKind.Workflow) is { } wait)
                {
                    var decision = wait.Kind == WaitKind.Workflow ? WaitDecision.TryAgain : Refuses(wait.Step) ? WaitDecision.Refused : WaitDecision.Done;
                    var line = interpreter.Answer(Rule, State, new WaitAnswer(wait.Step, wait.Visit, decision, (JsonObject?)Answer?.DeepClone(), "said so", wait.Kind));
                    await Services.CheckpointAsync(Rule, State, line!, true, CancellationToken.None);
                }
                else if (State.WakeAt is { } wakeAt && wakeAt > clock.GetUtcNow())
                {
                    clock.SetUtcNow(wakeAt);
                }

                await interpreter.AdvanceAsync(Rule, State, Services, CancellationToken.None);
            }
            catch (NodeDiedException)
            {
                // Whatever it knew beyond the last checkpoint is gone
            }

            kept = Services.Checkpoints.Count > 0 ? Services.Checkpoints[^1] : kept;
            if (DieAt is not null) State = RunStateJson.Read(kept);
            if (State.HasEnded) return this;
        }
    }
}
