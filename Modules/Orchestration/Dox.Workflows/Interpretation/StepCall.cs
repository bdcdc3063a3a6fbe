using System.Text.Json.Nodes;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <summary>What an action or a function is given for one attempt.</summary>
public sealed class StepCall
{
    internal StepCall(RuleInterpreter interpreter, StepMoment moment, JsonObject parameters, DateTimeOffset deadline, IRunServices services)
    {
        Interpreter = interpreter;
        Rule = moment.Rule;
        Step = moment.Step;
        Run = moment.State;
        Parameters = parameters;
        IdempotencyKey = moment.Key;
        Attempt = moment.Attempt;
        Deadline = deadline;
        Now = moment.Now;
        Services = services;
    }

    /// <summary>Runs a rule inside the step.</summary>
    internal RuleInterpreter Interpreter { get; }

    /// <summary>The rule that runs.</summary>
    public Rule Rule { get; }

    /// <summary>The step that runs.</summary>
    public RuleStep Step { get; }

    /// <summary>The run, to read; only the interpreter changes it.</summary>
    public RunState Run { get; }

    /// <summary>The step's parameters with their expressions filled in.</summary>
    public JsonObject Parameters { get; }

    /// <summary>A function's arguments, in order; empty for an action.</summary>
    public JsonArray Arguments => Parameters["arguments"] as JsonArray ?? [];

    /// <summary>
    /// <c>run/step/visit</c>: the same for every attempt of this visit, on every node. Whoever has an effect does it once per key.
    /// </summary>
    public string IdempotencyKey { get; }

    /// <summary>Which attempt this is, from 1.</summary>
    public int Attempt { get; }

    /// <summary>When the attempt is given up, UTC.</summary>
    public DateTimeOffset Deadline { get; }

    /// <summary>When the attempt began, UTC.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>What surrounds the run.</summary>
    public IRunServices Services { get; }

    /// <summary>A parameter that must be a text.</summary>
    /// <exception cref="StepParameterException">It is missing or no text.</exception>
    public string Text(string name) =>
        Expressions.JsonValues.TryString(Parameters[name]) ?? throw new StepParameterException($"The parameter '{name}' must be a text.");

    /// <summary>A parameter that may be a text.</summary>
    public string? TextOrNull(string name) => Expressions.JsonValues.TryString(Parameters[name]);
}

/// <summary>A parameter isn't what the action needs; the step fails with <c>invalid_parameter</c> and isn't tried again.</summary>
public sealed class StepParameterException(string message) : Exception(message);
