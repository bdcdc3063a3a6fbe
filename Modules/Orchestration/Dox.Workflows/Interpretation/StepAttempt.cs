using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Dox.Workflows.Interpretation;

/// <summary>One line of a run's journal: an attempt, an answer to a wait, or a step passed over.</summary>
public sealed record StepAttempt
{
    private readonly StepMoment? _moment;
    private string? _key;

    /// <summary>A line that the host writes.</summary>
    public StepAttempt()
    {
    }

    [SetsRequiredMembers]
    internal StepAttempt(StepMoment moment, StepResult result)
    {
        // Made when somebody asks: few do, where the action had no need of it
        (_moment, IdempotencyKey) = (moment, null!);
        Step = moment.Path;
        Action = moment.Action;
        Undoes = moment.Undoes;
        Visit = moment.Visit;
        Attempt = moment.Attempt;
        Status = result.Status;
        Input = moment.Input;
        Output = result.Output;
        Error = result.Error;
        StartedAt = moment.StartedAt;
        DurationMs = (moment.Ended - moment.StartedAt).TotalMilliseconds;
        RuleLine = moment.Step.Line;
        Decision = moment.Decision;
        DecisionLine = moment.DecisionLine;
        Opens = moment.Opens;
        Closes = moment.Closes;
    }

    /// <summary>The step's path: its name, in a lane with the names before it (<c>Fan out/invoices/Check</c>).</summary>
    public required string Step { get; init; }

    /// <summary>Its action; of a compensation that one's.</summary>
    public required string Action { get; init; }

    /// <summary>It undoes what the visit did, by the step's compensation.</summary>
    public bool Undoes { get; init; }

    /// <summary>Its visit, from 1.</summary>
    public required int Visit { get; init; }

    /// <summary>The attempt within the visit, from 1; 0 when the step was passed over.</summary>
    public required int Attempt { get; init; }

    /// <summary><c>run/step-path/visit</c>; of a compensation with <c>/undo</c> behind it.</summary>
    public required string IdempotencyKey
    {
        get => _key ??= _moment!.Key;
        init => _key = value;
    }

    /// <summary>How it ended.</summary>
    public required StepStatus Status { get; init; }

    /// <summary>The parameters it was given.</summary>
    public JsonObject? Input { get; init; }

    /// <summary>What it returned.</summary>
    public JsonNode? Output { get; init; }

    /// <summary>Why it failed.</summary>
    public StepError? Error { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took, in milliseconds.</summary>
    public double DurationMs { get; init; }

    /// <summary>The line of the rule that the step stands on.</summary>
    public int RuleLine { get; init; }

    /// <summary>Why the run goes where it goes next: the branch that held, the policy that was taken.</summary>
    public string? Decision { get; init; }

    /// <summary>The line of the rule that decided it.</summary>
    public int? DecisionLine { get; init; }

    /// <summary>A wait that the attempt began: whoever is asked has to be told.</summary>
    public Wait? Opens { get; init; }

    /// <summary>Waits of lanes that nobody needs to answer any more.</summary>
    public IReadOnlyList<Wait> Closes { get; init; } = [];
}
