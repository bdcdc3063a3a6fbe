using System.Text.Json.Nodes;
using Dox.Workflows.Actions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <summary>What an action or a function is given for one attempt.</summary>
public sealed class StepCall
{
    private readonly StepMoment _moment;
    private DateTimeOffset? _deadline;

    internal StepCall(RuleInterpreter interpreter, StepMoment moment, JsonObject parameters, TimeSpan limit, IRunServices services)
    {
        Interpreter = interpreter;
        _moment = moment;
        Parameters = parameters;
        Limit = limit;
        Services = services;
    }

    /// <summary>Runs a rule inside the step.</summary>
    internal RuleInterpreter Interpreter { get; }

    internal TimeSpan Limit { get; }

    internal Place Place => _moment.Place;

    /// <summary>The rule that runs.</summary>
    public Rule Rule => _moment.Rule;

    /// <summary>The step that runs.</summary>
    public RuleStep Step => _moment.Step;

    /// <summary>The action that is asked: the step's, or its compensation's.</summary>
    public string Action => _moment.Action;

    /// <summary>The step's path: its name, in a lane with the names before it (<c>Fan out/invoices/Check</c>).</summary>
    public string Path => _moment.Path;

    /// <summary>The step's path, behind those of the steps of other rules that run this one inside (<c>File Validation/Virus Scan</c>).</summary>
    public string FullPath => Services is InlineRun inline ? $"{inline.Path}/{Path}" : Path;

    /// <summary>The run, to read; only the interpreter changes it.</summary>
    public RunState Run => _moment.Run;

    /// <summary>The step's parameters with their expressions filled in.</summary>
    public JsonObject Parameters { get; }

    /// <summary>A function's arguments, in order; empty for an action.</summary>
    public JsonArray Arguments => Parameters["arguments"] as JsonArray ?? [];

    /// <summary>
    /// <c>run/step-path/visit</c>: the same for every attempt of this visit, on every node. Whoever has an effect does it once per key.
    /// </summary>
    public string IdempotencyKey => _moment.Key;

    /// <summary>The step's visit, from 1.</summary>
    public int Visit => _moment.Visit;

    /// <summary>Which attempt this is, from 1.</summary>
    public int Attempt => _moment.Attempt;

    /// <summary>When the attempt is given up, UTC.</summary>
    public DateTimeOffset Deadline => _deadline ?? Now + Limit;

    /// <summary>When the attempt began, UTC.</summary>
    public DateTimeOffset Now => _moment.StartedAt;

    /// <summary>What the step's expressions see as the time: the same for every attempt.</summary>
    internal DateTimeOffset ReachedAt => _moment.Now;

    /// <summary>What surrounds the run.</summary>
    public IRunServices Services { get; }

    /// <summary>A name as the step's expressions see it: what steps produced, the item of a lane, the input's keys, the rule's constants.</summary>
    /// <returns>False when nothing has that name.</returns>
    public bool TryRead(string name, out JsonNode? value) => _moment.Scope.TryName(name, out value);

    /// <summary>The same call with another deadline: a simulation's clock isn't the one by which a real handler waits.</summary>
    internal StepCall Until(DateTimeOffset deadline) => new(Interpreter, _moment, Parameters, Limit, Services) { _deadline = deadline };

    /// <summary>A parameter that must be a text.</summary>
    /// <exception cref="StepParameterException">It is missing or no text.</exception>
    public string Text(string name) =>
        Expressions.JsonValues.TryString(Parameters[name]) ?? throw new StepParameterException($"The parameter '{name}' must be a text.");

    /// <summary>The value of an expression that a parameter holds as text, such as <c>confidence &gt;= 0.85</c>.</summary>
    /// <param name="expression">Without <c>${ }</c>.</param>
    /// <param name="value">A copy.</param>
    /// <returns>False: it is no expression, or it failed.</returns>
    public bool TryEvaluate(string expression, out JsonNode? value)
    {
        try
        {
            value = Expressions.Expression.Parse(expression).Evaluate(_moment.Scope)?.DeepClone();
            return true;
        }
        catch (Expressions.ExpressionException)
        {
            value = null;
            return false;
        }
    }

    /// <summary>A parameter that may be a text.</summary>
    public string? TextOrNull(string name) => Expressions.JsonValues.TryString(Parameters[name]);
}

/// <summary>A parameter isn't what the action needs; the step fails with <c>invalid_parameter</c> and isn't tried again.</summary>
public sealed class StepParameterException(string message) : Exception(message);
