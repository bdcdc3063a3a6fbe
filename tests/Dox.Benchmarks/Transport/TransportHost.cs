using Dox.Host;
using Dox.TemplateMatching;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Dox.Benchmarks.Transport;

/// <summary>One of two real hosts that reach each other over Redis alone: <c>Echo</c>, or one that asks it.</summary>
internal static class TransportHost
{
    public static async Task<WebApplication> StartAsync(string module, string redisHost, int redisPort, string folder)
    {
        var app = DoxApplication.Build(new DoxSetup
        {
            Modules = [new EchoModule(), new TemplateMatchingModule()],
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal),
            Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
            {
                ["SERVICE_ENV"] = "development",
                ["DOX_DATA_PATH"] = Path.Combine(folder, module),
                ["REDIS_HOST"] = redisHost,
                ["REDIS_PORT"] = $"{redisPort}",
                ["Dox:Modules:0"] = module,
                ["Dox:Transport:Kind"] = "Redis",
                ["Dox:Database:MigrateOnStartup"] = module == EchoModule.ModuleName ? "false" : "true",
                ["Dox:Http:Address"] = "127.0.0.1",
                ["Dox:Http:Port"] = "0",
                ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning",
            },
            Configure = builder => builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter(null, LogLevel.Warning),
        });
        await app.StartAsync();
        return app;
    }
}
