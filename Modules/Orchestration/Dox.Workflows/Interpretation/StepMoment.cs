using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <summary>One attempt while it is being made and dealt with; in the end it becomes a line of the journal.</summary>
internal sealed class StepMoment(Place place, RuleStep step, int visit, int attempt, DateTimeOffset now, string? path = null, bool undoes = false)
{
    private EvaluationScope? _scope;
    private string? _key;

    public Place Place { get; } = place;

    public Rule Rule => Place.Rule;

    public RunState Run => Place.Run;

    public Track Track => Place.Track;

    public RuleStep Step { get; } = step;

    /// <summary>It undoes the step, by its compensation.</summary>
    public bool Undoes { get; } = undoes;

    public string Action => Undoes ? Step.CompensatingAction! : Step.Action;

    public string Path { get; } = path ?? place.PathOf(step);

    public int Visit { get; } = visit;

    public int Attempt { get; } = attempt;

    /// <summary>What expressions see as the time.</summary>
    public DateTimeOffset Now { get; } = now;

    /// <summary>When the attempt began.</summary>
    public DateTimeOffset StartedAt { get; init; } = now;

    /// <summary>When it was over.</summary>
    public DateTimeOffset Ended { get; set; } = now;

    public string Key => _key ??= $"{Run.RunId}/{Path}/{Visit}{(Undoes ? "/undo" : "")}";

    public EvaluationScope Scope => _scope ??= new EvaluationScope(Place, this);

    public JsonObject? Input { get; set; }

    public string? Decision { get; private set; }

    public int? DecisionLine { get; private set; }

    /// <summary>A wait that the attempt began.</summary>
    public Wait? Opens { get; set; }

    /// <summary>Waits of other lanes that nobody needs to answer any more.</summary>
    public IReadOnlyList<Wait> Closes { get; set; } = [];

    /// <summary>The step's time began here: at the first attempt of the visit.</summary>
    public DateTimeOffset Began =>
        Track.Steps.TryGetValue(Step.Name, out var known) && known.Visit == Visit ? known.StartedAt : StartedAt;

    public void Decide(string decision, int? line)
    {
        Decision = Decision is null ? decision : $"{Decision}; {decision}";
        DecisionLine ??= line;
    }

    public StepAttempt ToAttempt() => ToAttempt(Track.Steps[Step.Name]);

    public StepAttempt ToAttempt(StepResult result) => new(this, result);
}
