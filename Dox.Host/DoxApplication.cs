using System.Net;
using Dox.Host.Configuration;
using Dox.SharedKernel.Infrastructure.Hosting;
using Dox.SharedKernel.Infrastructure.Modules;

namespace Dox.Host;

/// <summary>What an application is put together from, beside the files and variables.</summary>
internal sealed record DoxSetup
{
    /// <summary><c>--Dox:Section:Key=value</c>.</summary>
    public string[] Arguments { get; init; } = [];

    /// <summary>Configuration keys, or flat variables by their name; they win over everything.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Stands for the process's variables where it isn't null.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>Every module there is.</summary>
    public IReadOnlyList<IModule> Modules { get; init; } = Host.Modules.All;

    /// <summary>Has the last word on services.</summary>
    public Action<IHostApplicationBuilder>? Configure { get; init; }
}

/// <summary>Puts the host together.</summary>
internal static class DoxApplication
{
    public static WebApplication Build(string[] args, IEnumerable<KeyValuePair<string, string?>>? overrides = null) =>
        Build(new DoxSetup { Arguments = args, Settings = new Dictionary<string, string?>(overrides ?? [], StringComparer.OrdinalIgnoreCase) });

    /// <exception cref="ConfigurationException">It can't start as it is configured.</exception>
    public static WebApplication Build(DoxSetup setup)
    {
        var configuration = new DoxConfiguration(setup.Arguments, setup.Settings, setup.Environment);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(DoxApplication).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = configuration.EnvironmentName,
        });
        // Not the framework's own layers: there is one configuration file, and it doesn't lie in the folder we were started from.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(configuration.Root);
        builder.Host.UseDefaultServiceProvider(o => o.ValidateScopes = o.ValidateOnBuild = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var port = configuration.Root.GetValue("Dox:Http:Port", 5000);
            if (IPAddress.TryParse(configuration.Root["Dox:Http:Address"], out var address)) kestrel.Listen(address, port);
            else kestrel.ListenAnyIP(port);
        });

        builder.AddDox(setup.Modules);
        setup.Configure?.Invoke(builder);
        if (configuration.Problems.Count > 0) throw new ConfigurationException(configuration.Problems);

        var app = builder.Build();
        app.MapGroup("/api/v1").MapModules();
        app.MapGroup("/api").MapModules();
        return app;
    }
}
