using System.Reflection;
using Dox.Host.Auth;
using Dox.Host.Configuration;
using Dox.Host.Health;
using Dox.Host.Hosting;
using Dox.Host.Http;
using Dox.Host.Observability;
using Dox.SharedKernel.Infrastructure.Configuration;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Hosting;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Dox.SharedKernel.Infrastructure.Observability;
using Dox.SharedKernel.Infrastructure.Transport;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dox.Host;

/// <summary>Puts the host together.</summary>
internal static class DoxApplication
{
    // Under ten seconds, after which an orchestrator kills.
    private static readonly TimeSpan s_shutdownLimit = TimeSpan.FromSeconds(8);

    public static string Version { get; } =
        typeof(DoxApplication).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <param name="args"><c>--Dox:Section:Key=value</c>.</param>
    /// <param name="overrides">Configuration keys or flat variables; they win over everything.</param>
    /// <exception cref="ConfigurationException">It can't start as it is configured.</exception>
    public static WebApplication Build(string[] args, IEnumerable<KeyValuePair<string, string?>>? overrides = null) =>
        Build(new DoxSetup { Arguments = args, Settings = new Dictionary<string, string?>(overrides ?? [], StringComparer.OrdinalIgnoreCase) });

    /// <exception cref="ConfigurationException">It can't start as it is configured.</exception>
    public static WebApplication Build(DoxSetup setup)
    {
        var configuration = new DoxConfiguration(setup.Arguments, setup.Settings, setup.Environment);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(DoxApplication).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = configuration.EnvironmentName,
        });
        // Not the framework's own layers: there is one configuration file, and it doesn't lie in the folder we were started from.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(configuration.Root);
        builder.Host.UseDefaultServiceProvider(o => o.ValidateScopes = o.ValidateOnBuild = true);

        var checks = new StartChecks(configuration.Problems);
        var http = checks.Bind(builder.Configuration, HttpOptions.Section, HttpOptions.Problems, new HttpOptions());
        var auth = checks.Bind(builder.Configuration, AuthOptions.Section, o => AuthChecks.Problems(builder.Configuration, o, builder.Environment), new AuthOptions());
        checks.Bind(builder.Configuration, "Dox:Database", DatabaseProblems, new DatabaseOptions());
        checks.Bind(builder.Configuration, "Dox:Transport", _ => [], new TransportOptions());
        var app = checks.Build(() =>
        {
            AddServices(builder, setup, http, auth);
            return builder.Build();
        });
        Configure(app, http);
        return app;
    }

    private static void AddServices(WebApplicationBuilder builder, DoxSetup setup, HttpOptions http, AuthOptions auth)
    {
        builder.AddDoxLogging();
        builder.AddKestrel(http);
        builder.AddDoxAuth(auth);
        builder.AddDoxTelemetry(ServiceName(builder.Configuration), Version);
        builder.Services.AddDoxHttp();
        builder.Services.AddApiDocs(Version);
        builder.Services.AddScoped<IUploadCheck, ValidatedUploads>();
        builder.Services.AddCheckedOptions<HttpOptions>(HttpOptions.Section, HttpOptions.Problems);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = http.DrainDelay + s_shutdownLimit);
        builder.Services.AddDoxHealth();
        builder.Services.AddSingleton<IHealthCheckPublisher, HostMetrics>();
        builder.Services.AddSingleton<RecentErrors>();
        builder.AddDox(setup.Modules);
        builder.Services.AddHostedService<StartLeftovers>();
        setup.Configure?.Invoke(builder);
    }

    private static void Configure(WebApplication app, HttpOptions http)
    {
        app.CountErrors();
        app.UseTrustedProxies(http);
        app.UseDoxHttp();
        app.UseDoxAuth();
        app.CountUses();
        app.MapDoxHealth(ServiceName(app.Configuration), Version);
        if (app.Configuration.GetValue("Dox:Metrics:Enabled", true)) app.MapDoxMetrics();
        app.MapApiDocs();
        // Clients of the earlier services leave the version out.
        foreach (var api in new[] { app.MapGroup("/api/v1"), app.MapGroup("/api") })
        {
            GetFigures.Map(api, ServiceName(app.Configuration), Version);
            ValidateCredentials.Map(api);
            GetUser.Map(api);
            api.MapModules();
        }
    }

    private static IEnumerable<string> DatabaseProblems(DatabaseOptions options)
    {
        if (options.Port is < 1 or > 65535) yield return $"Dox:Database:Port is {options.Port}; it must be 1 to 65535.";
        if (!string.IsNullOrWhiteSpace(options.ReadOnlyConnectionString) && options.Provider == DatabaseProvider.Sqlite)
            yield return "Dox:Database:ReadOnlyConnectionString names a read replica, and there is no PostgreSQL that it could be one of: set POSTGRES_HOST, or leave it out.";
        if (options.MaxConnections < 4) yield return $"Dox:Database:MaxConnections is {options.MaxConnections}; it must be at least 4.";
    }

    private static string ServiceName(IConfiguration configuration) => configuration["Dox:Service:Name"] ?? "dox-workflow-orchestrator";
}
