using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Transport;
using MediatR;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.SharedKernel.Infrastructure.Hosting;

/// <summary>What must hold before the host starts. MediatR itself would notice at the first message: two handlers, and the last wins in silence.</summary>
internal static class StartUpChecks
{
    public static void Run(IServiceCollection services, ModuleSet modules, IConfiguration configuration)
    {
        var problems = new List<string>();
        problems.AddRange(HandlerProblems(services, modules));
        var transport = configuration.GetSection("Dox:Transport").Get<TransportOptions>() ?? new TransportOptions();
        var absent = modules.All.Where(m => !modules.Hosts(m.Name)).Select(m => m.Name).ToList();
        if (absent.Count > 0 && transport.Kind == TransportKind.InProcess)
        {
            problems.Add(
                $"{string.Join(", ", absent)} run elsewhere (Dox:Modules), and Dox:Transport:Kind is InProcess: set it to Redis with REDIS_HOST, or host all modules here.");
        }

        if (transport.Kind == TransportKind.Redis && string.IsNullOrWhiteSpace(configuration["Dox:Redis:Host"]))
            problems.Add("Dox:Transport:Kind is Redis, and no Redis is configured: set REDIS_HOST.");
        if (problems.Count > 0) throw new InvalidOperationException("DOX can't start:\n- " + string.Join("\n- ", problems));
    }

    private static IEnumerable<string> HandlerProblems(IServiceCollection services, ModuleSet modules)
    {
        var handlers = services
            .Where(s => s.ServiceType.IsGenericType && s.ServiceType.GetGenericTypeDefinition() == typeof(IRequestHandler<,>))
            .GroupBy(s => s.ServiceType.GenericTypeArguments[0])
            .ToDictionary(g => g.Key, g => g.Select(s => s.ImplementationType!).ToList());
        foreach (var (request, implementations) in handlers.Where(h => h.Value.Count > 1))
            yield return $"{request.Name} has {implementations.Count} handlers: {string.Join(", ", implementations)}.";

        var catalog = new MessageCatalog(modules);
        foreach (var message in catalog.Messages.Where(m => m.Kind != MessageKind.Event && modules.Hosts(m.Owner) && !handlers.ContainsKey(m.Type)))
            yield return $"{message.Owner} has no handler for {message.Name} ({message.Type.Name}).";
    }
}
