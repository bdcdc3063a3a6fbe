using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests;

/// <summary>A host's part of the language for tests: an action whose outcomes are scripted, and what each call was given.</summary>
internal sealed class TestVocabulary
{
    private readonly Dictionary<string, Queue<StepOutcome>> _scripted = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Key, int Attempt), StepOutcome> _answered = [];

    public TestVocabulary()
    {
        VocabularyParameter[] call = [new("service", Required: true), new("method"), new("endpoint"), new("body")];
        Vocabulary.Add(new ActionDefinition("api_call", "Calls a service.", call, Handle));
        Vocabulary.Add(new ActionDefinition("update_memory", "Writes a bank.", [new("file"), new("update")], Handle));
        Vocabulary.Add(new ActionDefinition("look", "Only looks.", [new("at")], Handle, HasEffect: false));
        Vocabulary.Add(new FunctionDefinition("check", "Checks.", [new("value", Required: true), new("limit")], Handle));
        Vocabulary.AddFunction("double", ["n"], arguments => (long)(JsonValues.TryDouble(arguments[0])!.Value * 2));
        Vocabulary.Add(new ServiceDefinition("store", [new ServiceEndpoint("POST", "/api/documents"), new ServiceEndpoint("GET", "/api/documents/{id}")]));
    }

    public Vocabulary Vocabulary { get; } = new();

    public List<(string Step, string Key, int Attempt, JsonObject Parameters)> Calls { get; } = [];

    public IEnumerable<string> CalledSteps => Calls.Select(call => call.Step);

    public void Script(string step, params StepOutcome[] outcomes) => _scripted[step] = new Queue<StepOutcome>(outcomes);

    public Rule Parse(string yaml)
    {
        var result = new RuleParser(Vocabulary).Parse(yaml, "test.yaml");
        Assert.That(result.Errors.Select(error => error.ToString()), Is.Empty);
        return result.Rule!;
    }

    public RuleParseResult TryParse(string yaml) => new RuleParser(Vocabulary).Parse(yaml, "test.yaml");

    /// <summary>What every handler does first, for tests in which lanes are to meet.</summary>
    public Func<Task>? Delay { get; init; }

    public async ValueTask<StepOutcome> Handle(StepCall call, CancellationToken cancellationToken)
    {
        if (Delay is not null) await Delay();
        lock (Calls) return Answer(call);
    }

    private StepOutcome Answer(StepCall call)
    {
        Calls.Add((call.Step.Name, call.IdempotencyKey, call.Attempt, call.Parameters));
        // A key that was answered gets the same answer again, as the modules do
        if (!_answered.TryGetValue((call.IdempotencyKey, call.Attempt), out var outcome))
        {
            outcome = _scripted.TryGetValue(call.Step.Name, out var outcomes) && outcomes.TryDequeue(out var scripted)
                ? scripted
                : StepOutcome.Success(new JsonObject { ["done_by"] = call.Step.Name });
            _answered[(call.IdempotencyKey, call.Attempt)] = outcome;
        }

        return outcome is StepOutcome.Succeeded { Output: { } output } ? StepOutcome.Success(output.DeepClone()) : outcome;
    }

    /// <summary>A rule with these steps; each line of <paramref name="steps"/> is indented by two.</summary>
    public static string RuleOf(string steps, string more = "", string name = "test_rule") => $"""
        name: {name}
        service: Tests
        version: "1.0.0"
        trigger: {"{"} type: manual, source: by a test {"}"}
        {more}
        steps:
        {steps}
        """;
}
