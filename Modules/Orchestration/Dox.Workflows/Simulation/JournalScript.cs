using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Simulation;

/// <summary>
/// What came of the steps of a run that was: an attempt of the same action with the same parameters comes to the same again, and a wait for the
/// same thing is answered as it was. Times in the parameters don't count: a step that writes down when it ran is asked the same. Anything else
/// isn't known.
/// </summary>
public sealed partial class JournalScript : ISimulationScript
{
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,7}Z$", RegexOptions.NonBacktracking)]
    private static partial Regex Moment();

    private readonly Dictionary<string, Queue<StepAttempt>> _attempts = new(StringComparer.Ordinal);
    private readonly List<(StepAttempt Asked, StepAttempt Answered)> _answers = [];
    private readonly Dictionary<(string Step, int Visit), DateTimeOffset> _begins = [];

    /// <summary>Reads a journal.</summary>
    /// <param name="journal">A run's attempts, answers and steps passed over, in their order.</param>
    public JournalScript(IEnumerable<StepAttempt> journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        var waiting = new Dictionary<(string, int), StepAttempt>();
        foreach (var entry in journal)
        {
            var place = (entry.Step, entry.Visit);
            _begins.TryAdd(place, entry.StartedAt);
            if (entry.Status == StepStatus.Waiting) waiting[place] = entry;
            else if (waiting.Remove(place, out var asked)) _answers.Add((asked, entry));
            else if (entry.Status is StepStatus.Success or StepStatus.Failed || entry.Error is not null) Add(entry);
        }
    }

    /// <inheritdoc/>
    public StepOutcome? OutcomeOf(SimulatedCall attempt)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        if (!_attempts.TryGetValue(KeyOf(attempt.Action, attempt.Parameters), out var known)) return null;
        // What was asked more often than it was is answered as it was last
        var entry = known.Count > 1 ? known.Dequeue() : known.Peek();
        return entry.Error is { } error ? new StepOutcome.Failed(error with { Details = error.Details?.DeepClone() }) : StepOutcome.Success(entry.Output?.DeepClone());
    }

    /// <inheritdoc/>
    public SimulatedAnswer? AnswerTo(Wait wait)
    {
        ArgumentNullException.ThrowIfNull(wait);
        var index = _answers.FindIndex(answer => AsksTheSame(answer.Asked, wait));
        if (index < 0) return null;
        var (_, given) = _answers[index];
        _answers.RemoveAt(index);
        var after = given.StartedAt > wait.Since ? given.StartedAt - wait.Since : TimeSpan.Zero;
        return given.Error is { } error
            ? new SimulatedAnswer(WaitDecision.Refused, null, error.Message, after)
            : new SimulatedAnswer(WaitDecision.Done, given.Input, given.Decision, after);
    }

    /// <inheritdoc/>
    public DateTimeOffset? BeginOf(string stepName, int visit) => _begins.TryGetValue((stepName, visit), out var begin) ? begin : null;

    private void Add(StepAttempt entry)
    {
        var key = KeyOf(entry.Action, entry.Input);
        if (!_attempts.TryGetValue(key, out var known)) _attempts[key] = known = [];
        known.Enqueue(entry);
    }

    // A failure's policy asks with words of its own; an event is known by its name
    private static bool AsksTheSame(StepAttempt asked, Wait wait) =>
        wait.FromPolicy || wait.Kind == WaitKind.Workflow ? asked.Step == wait.Step
        : wait.Kind == WaitKind.Event ? JsonNode.DeepEquals(asked.Input?["event"], wait.Data?["event"])
        : Canonical(asked.Input) == Canonical(wait.Data);

    private static string KeyOf(string action, JsonNode? parameters) => $"{action} {Canonical(parameters)}";

    private static string Canonical(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return text.ToString();
    }

    // Keys in order, numbers by value: what a database kept and what is computed anew may differ in both
    private static void Write(JsonNode? node, StringBuilder text)
    {
        switch (node)
        {
            case JsonObject map:
                text.Append('{');
                foreach (var (key, value) in map.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    text.Append(JsonSerializer.Serialize(key)).Append(':');
                    Write(value, text);
                    text.Append(',');
                }

                text.Append('}');
                break;
            case JsonArray list:
                text.Append('[');
                foreach (var item in list)
                {
                    Write(item, text);
                    text.Append(',');
                }

                text.Append(']');
                break;
            case var moment when JsonValues.TryString(moment) is { } said && Moment().IsMatch(said):
                text.Append("a time");
                break;
            default:
                text.Append(JsonValues.TryDouble(node) is { } number ? number.ToString("R", CultureInfo.InvariantCulture) : node?.ToJsonString() ?? "null");
                break;
        }
    }
}
