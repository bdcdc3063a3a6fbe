using System.Text.Json.Nodes;
using Dox.Workflows.Actions;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows;

/// <summary>Does one attempt of an action or a function. May be called again with the same idempotency key.</summary>
public delegate ValueTask<StepOutcome> StepHandler(StepCall call, CancellationToken cancellationToken);

/// <summary>A parameter of an action or a function.</summary>
/// <param name="Name">As it is written in a rule.</param>
/// <param name="Required">A rule without it doesn't load.</param>
public sealed record VocabularyParameter(string Name, bool Required = false);

/// <summary>An action that a host adds to the language, or one of its own.</summary>
/// <param name="Name">As it is written in a rule.</param>
/// <param name="Description">One sentence, for <c>dox rules actions</c>.</param>
/// <param name="Parameters">What it takes; anything else in a rule is a warning.</param>
/// <param name="Handler">Does it.</param>
/// <param name="HasEffect">It changes something outside the run: what it did is kept before the run goes on.</param>
/// <param name="Produces">The keys of its result, for the linter; null when they depend on the parameters or can't be known.</param>
public sealed record ActionDefinition(
    string Name, string Description, IReadOnlyList<VocabularyParameter> Parameters, StepHandler Handler, bool HasEffect = true, IReadOnlyList<string>? Produces = null);

/// <summary>A function that <c>custom_logic</c> can call.</summary>
/// <param name="Name">As it is written in a rule.</param>
/// <param name="Description">One sentence, for <c>dox rules actions</c>.</param>
/// <param name="Arguments">Its arguments, in order; the required ones first.</param>
/// <param name="Handler">Does it.</param>
/// <param name="Produces">The keys of its result, for the linter; null when they can't be known.</param>
/// <param name="HasEffect">It changes something outside the run.</param>
/// <param name="IsPure">Its result follows from its arguments alone, so that a simulation may compute it.</param>
public sealed record FunctionDefinition(
    string Name, string Description, IReadOnlyList<VocabularyParameter> Arguments, StepHandler Handler, IReadOnlyList<string>? Produces = null,
    bool HasEffect = false, bool IsPure = false);

/// <summary>A service that a rule may name.</summary>
/// <param name="Name">As it is written in a rule.</param>
/// <param name="Endpoints">What a module of this process answers; null for a service that is reached over HTTP, whose endpoints aren't known.</param>
public sealed record ServiceDefinition(string Name, IReadOnlyList<ServiceEndpoint>? Endpoints = null);

/// <summary>What a service answers.</summary>
/// <param name="Method">The HTTP method, upper case.</param>
/// <param name="Path">The path; a segment in braces stands for any.</param>
/// <param name="Parameters">What it takes; null when that isn't known.</param>
/// <param name="Produces">The keys of its answer, for the linter; null when they can't be known.</param>
public sealed record ServiceEndpoint(string Method, string Path, IReadOnlyList<VocabularyParameter>? Parameters = null, IReadOnlyList<string>? Produces = null);

/// <summary>
/// Everything that rules can name: actions, functions and services. The parser checks against it, the interpreter calls what is in it. Fill it
/// before parsing; a rule keeps the handlers that it was compiled with.
/// </summary>
public sealed class Vocabulary
{
    private readonly Dictionary<string, ActionDefinition> _actions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FunctionDefinition> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ServiceDefinition> _services = new(StringComparer.Ordinal);

    private Func<IReadOnlyList<OwnRoute>> _ownRoutes = () => [];

    /// <summary>The routes that the host answers itself, as far as they are known yet.</summary>
    public IReadOnlyList<OwnRoute> OwnRoutes => _ownRoutes();

    /// <summary>The actions that a host added.</summary>
    public IReadOnlyDictionary<string, ActionDefinition> Actions => _actions;

    /// <summary>The functions that a host added.</summary>
    public IReadOnlyDictionary<string, FunctionDefinition> Functions => _functions;

    /// <summary>The services that a rule may name.</summary>
    public IReadOnlyDictionary<string, ServiceDefinition> Services => _services;

    /// <summary>Every action, the language's own included, by name.</summary>
    public IEnumerable<string> ActionNames => _actions.Keys.Concat(BuiltInActions.Names).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>Adds an action. Of the language's own, only <c>manual_intervention</c> and <c>run_workflow</c> of durable rules leave room for one.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public Vocabulary Add(ActionDefinition action)
    {
        if (BuiltInActions.IsClosed(action.Name)) throw new ArgumentException($"'{action.Name}' is an action of the language itself.", nameof(action));
        _actions.Add(action.Name, action);
        return this;
    }

    /// <summary>Adds a function.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public Vocabulary Add(FunctionDefinition function)
    {
        _functions.Add(function.Name, function);
        return this;
    }

    /// <summary>Adds a service.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public Vocabulary Add(ServiceDefinition service)
    {
        _services.Add(service.Name, service);
        return this;
    }

    /// <summary>Says which routes no rule can have.</summary>
    /// <param name="ownRoutes">Asked each time: a host knows its routes only once it is put together.</param>
    public Vocabulary Reserve(Func<IReadOnlyList<OwnRoute>> ownRoutes)
    {
        _ownRoutes = ownRoutes;
        return this;
    }

    /// <summary>The same names, answered by somebody else: for simulations. What only computes is handed over, to be used.</summary>
    internal Vocabulary AnsweredBy(Func<StepCall, StepHandler?, CancellationToken, ValueTask<StepOutcome>> handler)
    {
        var other = new Vocabulary();
        foreach (var action in _actions.Values) other._actions.Add(action.Name, action with { Handler = (call, cancellationToken) => handler(call, null, cancellationToken) });
        foreach (var function in _functions.Values)
            other._functions.Add(function.Name, function with { Handler = (call, cancellationToken) => handler(call, function.IsPure ? function.Handler : null, cancellationToken) });
        foreach (var service in _services) other._services.Add(service.Key, service.Value);
        // A durable child is somebody else's run, whoever starts it
        other._actions.TryAdd(RunWorkflow.Definition.Name, new ActionDefinition(
            RunWorkflow.Definition.Name, RunWorkflow.Definition.Description, RunWorkflow.Definition.Parameters, (call, cancellationToken) => handler(call, null, cancellationToken)));
        return other;
    }

    /// <summary>Adds a function that only computes: arguments in, result out.</summary>
    /// <param name="name">As it is written in a rule.</param>
    /// <param name="arguments">The names of its arguments, all required.</param>
    /// <param name="compute">Does it; what it throws fails the step.</param>
    public Vocabulary AddFunction(string name, IReadOnlyList<string> arguments, Func<JsonArray, JsonNode?> compute) =>
        Add(new FunctionDefinition(
            name, "", [.. arguments.Select(argument => new VocabularyParameter(argument, Required: true))],
            (call, _) => new ValueTask<StepOutcome>(StepOutcome.Success(compute(call.Arguments))), IsPure: true));
}
