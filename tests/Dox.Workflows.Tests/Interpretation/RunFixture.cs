using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Workflows.Tests.Interpretation;

/// <summary>One run of one rule under a clock that stands still until it is moved.</summary>
internal sealed class RunFixture
{
    public RunFixture(string steps, string more = "", string input = "{}", RecordingServices? services = null)
    {
        Tests = new TestVocabulary();
        Rule = Tests.Parse(TestVocabulary.RuleOf(steps, more));
        Services = services ?? new RecordingServices { LongestPause = TimeSpan.Zero };
        Interpreter = new RuleInterpreter(Clock);
        State = RunState.Start(Rule, "run", JsonNode.Parse(input), Clock.GetUtcNow());
    }

    public TestVocabulary Tests { get; }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public Rule Rule { get; }

    public RecordingServices Services { get; }

    public RuleInterpreter Interpreter { get; }

    public RunState State { get; private set; }

    public async Task<RunState> Advance()
    {
        await Interpreter.AdvanceAsync(Rule, State, Services, CancellationToken.None);
        return State;
    }

    /// <summary>Advances, moving the clock to each wake-up, until nothing but an answer would help.</summary>
    public async Task<IReadOnlyList<double>> AdvanceThroughTime()
    {
        var delays = new List<double>();
        await Advance();
        while (!State.HasEnded && State.WakeAt is { } wakeAt)
        {
            delays.Add((wakeAt - Clock.GetUtcNow()).TotalMilliseconds);
            if (wakeAt > Clock.GetUtcNow()) Clock.SetUtcNow(wakeAt);
            await Advance();
        }

        return delays;
    }

    public StepAttempt? Answer(WaitDecision decision, JsonObject? result = null, string? reason = null) =>
        Interpreter.Answer(Rule, State, new WaitAnswer(State.Wait?.Step ?? "", State.Wait?.Visit ?? 0, decision, result, reason));

    public static StepOutcome Fails(string code = "broken", bool retryable = true, int? httpStatus = null) =>
        StepOutcome.Failure(code, $"It is {code}.", httpStatus, new JsonObject { ["why"] = "because" }, retryable);
}
