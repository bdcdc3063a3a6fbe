using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Modules;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dox.SharedKernel.Infrastructure.Transport.Redis;

internal static class RedisRegistration
{
    /// <summary>Carries messages over Redis, and hears what is for the modules of this process.</summary>
    public static void AddRedisTransport(this IServiceCollection services, ModuleSet modules, MessageCatalog catalog, RedisOptions options)
    {
        services.AddSingleton<RedisTransport>();
        services.AddSingleton<IRemoteTransport>(provider => provider.GetRequiredService<RedisTransport>());
        services.AddHostedService(provider => provider.GetRequiredService<RedisTransport>());
        foreach (var module in modules.Hosted)
        {
            Hear(services, module.Name, StreamKeys.Commands(options.Prefix, module.Name));
            foreach (var teller in TellersFor(module.Name, catalog)) Hear(services, module.Name, StreamKeys.Events(options.Prefix, teller));
        }
    }

    private static IEnumerable<string> TellersFor(string module, MessageCatalog catalog) =>
        catalog.Messages.Where(m => m.Kind == MessageKind.Event && catalog.SubscribersOf(m.Type).Contains(module, StringComparer.Ordinal)).Select(m => m.Owner).Distinct(StringComparer.Ordinal);

    private static void Hear(IServiceCollection services, string module, string stream) =>
        services.AddSingleton<IHostedService>(provider => new RedisModuleReader(
            module, stream, provider.GetRequiredService<RedisConnections>(), provider.GetRequiredService<RequestDispatcher>(),
            provider.GetRequiredService<DeliveryDispatcher>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RedisModuleReader>>()));
}
