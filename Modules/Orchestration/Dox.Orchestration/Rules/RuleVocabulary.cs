using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Rules.Actions;
using Dox.Orchestration.Services;
using Dox.Orchestration.Triggers;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.Workflows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Rules;

/// <summary>What rules can name in DOX: the modules' functions and endpoints, as their contracts declare them, and the actions of this module.</summary>
internal static class RuleVocabulary
{
    public static Vocabulary Of(IServiceProvider provider)
    {
        var catalog = provider.GetRequiredService<MessageCatalog>();
        var services = provider.GetRequiredService<ServiceDirectory>();
        var modules = provider.GetRequiredService<ModuleCall>();
        var vocabulary = new Vocabulary();
        foreach (var (name, message) in catalog.Functions) vocabulary.Add(Function(name, message, modules));

        foreach (var service in services.Names)
            vocabulary.Add(new ServiceDefinition(service, services.ModuleOf(service) is { } module ? [.. EndpointsOf(catalog, module)] : null));

        return vocabulary
            .Reserve(() => provider.GetRequiredService<OwnRoutes>().All)
            .Add(new ApiCall(catalog, services, modules, provider.GetRequiredService<ServiceLimits>()).Definition)
            .Add(new UpdateMemory(catalog, modules).Definition)
            .Add(new PublishEvent(catalog, modules, provider.GetRequiredService<ILogger<PublishEvent>>()).Definition)
            .Add(new StoreResult(modules).Definition)
            .Add(new StartChildRun(modules, provider.GetRequiredService<IServiceScopeFactory>(), provider.GetRequiredService<TimeProvider>()).Definition)
            .Add(new NotifyTeamAction(catalog, modules).Definition);
    }

    private static FunctionDefinition Function(string name, MessageType message, ModuleCall modules)
    {
        var parameters = ModuleCall.ParametersOf(message);
        return new(
            name, $"Answered by {message.Owner} ({message.Name}).",
            [.. parameters.Select(p => new VocabularyParameter(p.Name, p.Required))],
            async (call, cancellationToken) =>
            {
                var given = new JsonObject();
                foreach (var (parameter, value) in parameters.Zip(call.Arguments)) given[parameter.Name] = value?.DeepClone();
                return await modules.SendAsync(message, given, call, cancellationToken);
            },
            Produces: ProducedBy(message),
            HasEffect: message.Kind == MessageKind.Command,
            IsPure: message.Type.GetCustomAttribute<RuleFunctionAttribute>()!.IsPure);
    }

    private static IEnumerable<ServiceEndpoint> EndpointsOf(MessageCatalog catalog, string module) =>
        from endpoint in catalog.Endpoints
        where endpoint.Value.Owner == module
        let parts = endpoint.Key.Split(' ', 2)
        select new ServiceEndpoint(
            parts[0], parts[1], [.. ModuleCall.ParametersOf(endpoint.Value).Select(p => new VocabularyParameter(p.Name, p.Required))], ProducedBy(endpoint.Value));

    private static IReadOnlyList<string>? ProducedBy(MessageType message) =>
        message.ResultType is null ? null : [.. message.ResultType.GetProperties().Select(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name))];
}
