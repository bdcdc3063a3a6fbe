using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Simulation;

/// <summary>
/// Runs rules without any effect: what computes is computed, everything else comes from a script, and delays are skipped. One run at a time;
/// whoever wants several at once makes several.
/// </summary>
public sealed class RuleSimulator
{
    /// <summary>The longest that a simulation may take.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly RuleSet _rules;
    private SimulatedRun? _current;

    /// <summary>Compiles the rules anew, with handlers that ask the script.</summary>
    /// <param name="vocabulary">What the rules may name.</param>
    /// <param name="rules">The rules; those that a run starts are among them.</param>
    public RuleSimulator(Vocabulary vocabulary, IEnumerable<Rule> rules)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(rules);
        var parser = new RuleParser(vocabulary.AnsweredBy(AnswerAsync));
        _rules = new RuleSet(rules.Select(rule => parser.Parse(rule.Source, rule.FileName)));
    }

    /// <summary>The rules, as they are simulated.</summary>
    public IEnumerable<Rule> Rules => _rules.Rules;

    /// <summary>Runs a rule until it ends, waits for somebody who doesn't answer, or comes to a step whose outcome isn't known.</summary>
    /// <param name="rule">Its name; the newest version is taken.</param>
    /// <param name="start">What it is given.</param>
    /// <param name="script">What comes of its steps.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="KeyNotFoundException">There is no such rule.</exception>
    /// <exception cref="TimeoutException">It took longer than <see cref="Longest"/>.</exception>
    public async Task<SimulationResult> RunAsync(string rule, SimulationStart start, ISimulationScript script, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        var found = _rules.Find(rule) ?? throw new KeyNotFoundException($"There is no rule '{rule}'.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Longest);
        var time = new SimulatedTime(start.Now);
        var pump = new SimulationPump(time);
        using var run = new SimulatedRun(found, _rules, start, script, time, pump, limit.Token);
        _current = run;
        try
        {
            return await pump.RunAsync(run.RunAsync, limit.Token);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The simulation of '{rule}' took longer than {Longest.TotalSeconds:0} s.", error);
        }
        finally
        {
            _current = null;
        }
    }

    private ValueTask<StepOutcome> AnswerAsync(StepCall call, StepHandler? computes, CancellationToken cancellationToken) =>
        _current!.AnswerAsync(call, computes, cancellationToken);
}

/// <summary>What a simulated run is given.</summary>
/// <param name="Input">Its input.</param>
/// <param name="Facts">What the host would know: read as <c>run.…</c>.</param>
/// <param name="Now">When it starts.</param>
/// <param name="RunId">Its id.</param>
public sealed record SimulationStart(JsonNode? Input, JsonObject? Facts, DateTimeOffset Now, string RunId = "simulated");
