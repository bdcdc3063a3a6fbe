using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Simulation;

/// <summary>Mocked outcomes by step: one for all attempts, or a list with one for each. Outcomes answer attempts, decisions answer waits.</summary>
public sealed class MockedSteps : ISimulationScript
{
    private readonly Dictionary<string, Queue> _steps;
    private readonly MockedSteps? _shared;

    internal MockedSteps(IReadOnlyDictionary<string, MockedStep> steps, MockedSteps? shared = null)
    {
        _steps = steps.ToDictionary(step => step.Key, step => new Queue(step.Value), StringComparer.Ordinal);
        _shared = shared;
    }

    /// <summary>The mocks that nobody asked for, or not as often as they were given.</summary>
    internal IEnumerable<(string Step, YamlMark Mark, int Left)> Unused =>
        from step in _steps
        let left = step.Value.Left
        where left > 0
        select (step.Key, step.Value.Mark, left);

    /// <summary>Reads mocks as JSON or YAML: <c>{ "Step": { "output": … } }</c>, as in a rule's tests.</summary>
    /// <param name="text">The text.</param>
    /// <param name="steps">The names that may be mocked: those of the rule and of the rules that run inside its steps.</param>
    /// <param name="problems">What is wrong in it; the mocks are null then.</param>
    public static MockedSteps? Read(string text, IReadOnlyCollection<string> steps, out IReadOnlyList<Diagnostic> problems)
    {
        var bag = new DiagnosticBag();
        var root = YamlLoader.Load(text, bag);
        var read = root is null ? null : MockReader.Read(root, steps, bag);
        problems = bag.InOrder();
        return read is null || bag.HasErrors ? null : new MockedSteps(read);
    }

    /// <inheritdoc/>
    public StepOutcome? OutcomeOf(SimulatedCall attempt)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        return Find(attempt.Path, attempt.Step, queue => queue.NextOutcome());
    }

    /// <inheritdoc/>
    public SimulatedAnswer? AnswerTo(Wait wait)
    {
        ArgumentNullException.ThrowIfNull(wait);
        return Find(wait.Step, wait.Step[(wait.Step.LastIndexOf('/') + 1)..], queue => queue.NextAnswer());
    }

    private T? Find<T>(string path, string step, Func<Queue, T?> take)
        where T : class
    {
        if (_steps.TryGetValue(path, out var queue) || _steps.TryGetValue(step, out queue))
            return take(queue);
        return _shared?.Find(path, step, take);
    }

    private sealed class Queue(MockedStep step)
    {
        private readonly Queue<StepOutcome> _outcomes = new(step.Outcomes);
        private readonly Queue<SimulatedAnswer> _answers = new(step.Answers);
        private bool _used;

        public YamlMark Mark => step.Mark;

        public int Left => step.IsList ? _outcomes.Count + _answers.Count : _used ? 0 : 1;

        public StepOutcome? NextOutcome() => Next(_outcomes) switch
        {
            // What was given to a run belongs to it
            StepOutcome.Succeeded succeeded => StepOutcome.Success(succeeded.Output?.DeepClone()),
            StepOutcome.Failed failed => new StepOutcome.Failed(failed.Error with { Details = failed.Error.Details?.DeepClone() }),
            var other => other,
        };

        public SimulatedAnswer? NextAnswer() => Next(_answers) is { } answer ? answer with { Result = (JsonObject?)answer.Result?.DeepClone() } : null;

        private T? Next<T>(Queue<T> queue)
            where T : class
        {
            if (!queue.TryPeek(out var next)) return null;
            _used = true;
            if (step.IsList) queue.Dequeue();
            return next;
        }
    }
}

/// <summary>What was written for one step.</summary>
internal sealed record MockedStep(YamlMark Mark, bool IsList, IReadOnlyList<StepOutcome> Outcomes, IReadOnlyList<SimulatedAnswer> Answers);
