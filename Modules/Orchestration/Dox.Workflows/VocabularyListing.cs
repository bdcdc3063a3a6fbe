using Dox.Workflows.Actions;

namespace Dox.Workflows;

/// <summary>What rules may name, in order, for people and programs.</summary>
/// <param name="Actions">What a step's <c>action</c> can be.</param>
/// <param name="Functions">What <c>custom_logic</c> can call.</param>
/// <param name="Endpoints">What <c>api_call</c> can call of the services whose endpoints are known.</param>
/// <param name="Services">All services.</param>
public sealed record VocabularyListing(
    IReadOnlyList<ListedAction> Actions, IReadOnlyList<ListedAction> Functions, IReadOnlyList<ListedEndpoint> Endpoints, IReadOnlyList<string> Services)
{
    /// <summary>Lists a vocabulary.</summary>
    public static VocabularyListing Of(Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        var actions = BuiltInActions.Definitions.Select(action => new ListedAction(action.Name, action.Description, action.Parameters, null))
            .Concat(vocabulary.Actions.Values.Where(action => BuiltInActions.Find(action.Name) is null).Select(action => new ListedAction(action.Name, action.Description, action.Parameters, action.Produces)));
        return new(
            [.. actions.OrderBy(action => action.Name, StringComparer.Ordinal)],
            [.. vocabulary.Functions.Values.Select(function => new ListedAction(function.Name, function.Description, function.Arguments, function.Produces)).OrderBy(function => function.Name, StringComparer.Ordinal)],
            [.. vocabulary.Services.Values.SelectMany(service => (service.Endpoints ?? []).Select(endpoint =>
                new ListedEndpoint(service.Name, $"{endpoint.Method} {endpoint.Path}", endpoint.Parameters ?? [], endpoint.Produces)))
                .OrderBy(endpoint => endpoint.Service, StringComparer.Ordinal).ThenBy(endpoint => endpoint.Endpoint, StringComparer.Ordinal)],
            [.. vocabulary.Services.Keys.Order(StringComparer.Ordinal)]);
    }
}

/// <summary>An action, or a function.</summary>
/// <param name="Name">As it is written in a rule.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Parameters">What it takes, of a function in this order.</param>
/// <param name="Produces">The keys of its result, where they are known.</param>
public sealed record ListedAction(string Name, string Description, IReadOnlyList<VocabularyParameter> Parameters, IReadOnlyList<string>? Produces);

/// <summary>An endpoint of a service.</summary>
/// <param name="Service">The service.</param>
/// <param name="Endpoint">Method and path.</param>
/// <param name="Parameters">What it takes.</param>
/// <param name="Produces">The keys of its answer, where they are known.</param>
public sealed record ListedEndpoint(string Service, string Endpoint, IReadOnlyList<VocabularyParameter> Parameters, IReadOnlyList<string>? Produces);
