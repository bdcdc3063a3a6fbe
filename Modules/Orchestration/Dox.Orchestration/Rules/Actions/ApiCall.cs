using System.Text.Json.Nodes;
using Dox.Orchestration.Services;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.Workflows;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Rules.Actions;

/// <summary><c>api_call</c>: a service's endpoint, which is a module's command or an address. Which services there are the configuration says, not the rule.</summary>
internal sealed class ApiCall(MessageCatalog catalog, ServiceDirectory services, ModuleCall modules, ServiceLimits limits)
{
    private static readonly string[] s_own = ["service", "method", "endpoint", "timeout_seconds", "body", "data"];

    public ActionDefinition Definition => new(
        "api_call", "Calls an endpoint of a service; what it answers is the step's result.",
        [
            new VocabularyParameter("service", Required: true), new VocabularyParameter("endpoint", Required: true),
            new VocabularyParameter("method"), new VocabularyParameter("body"), new VocabularyParameter("data"), .. Bound(),
        ],
        ExecuteAsync);

    private async ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken)
    {
        var (service, endpoint) = (call.Text("service"), call.Text("endpoint"));
        if (services.Find(service) is { } http)
        {
            var verb = (call.TextOrNull("method") ?? "GET").ToUpperInvariant();
            return await limits.WithinAsync(service, () => http.CallAsync(verb, endpoint, BodyOf(call.Parameters), call, cancellationToken), cancellationToken);
        }

        if (services.ModuleOf(service) is not { } module)
            return StepOutcome.Failure("unknown_service", $"No service '{service}' is configured (Dox:Services).", 400, retryable: false);

        var candidates = catalog.Endpoints.Where(e => e.Value.Owner == module && e.Key.EndsWith(' ' + endpoint, StringComparison.Ordinal)).ToList();
        var wanted = call.TextOrNull("method") is { } method
            ? candidates.Where(e => e.Key == $"{method.ToUpperInvariant()} {endpoint}").ToList()
            : candidates;
        if (wanted.Count != 1)
            return StepOutcome.Failure("unknown_endpoint", $"{service} has no endpoint {call.TextOrNull("method")} {endpoint}.", 404, retryable: false);

        return await limits.WithinAsync(service, () => modules.SendAsync(wanted[0].Value, BodyOf(call.Parameters), call, cancellationToken), cancellationToken);
    }

    // What the step gives by name, over what it gives as a body.
    private static JsonObject BodyOf(JsonObject parameters)
    {
        var body = (parameters["body"] ?? parameters["data"])?.DeepClone() as JsonObject ?? [];
        foreach (var (name, value) in parameters)
        {
            if (!s_own.Contains(name, StringComparer.Ordinal)) body[name] = value?.DeepClone();
        }

        return body;
    }

    private IEnumerable<VocabularyParameter> Bound() =>
        catalog.Endpoints.Values.SelectMany(m => ModuleCall.ParametersOf(m)).Select(p => p.Name).Except(s_own, StringComparer.Ordinal)
            .Distinct(StringComparer.Ordinal).Select(name => new VocabularyParameter(name));
}
