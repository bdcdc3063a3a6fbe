using System.Reflection;
using Dox.SharedKernel.Infrastructure.Configuration;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Dispatch.Behaviors;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Observability;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.SharedKernel.Infrastructure.Transport.Redis;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Dox.SharedKernel.Infrastructure.Hosting;

/// <summary>Registers the kernel and the modules that this process hosts.</summary>
public static class KernelRegistration
{
    /// <summary>
    /// Registers the kernel, then the modules of <paramref name="all"/> that <c>Dox:Modules</c> lists (all of them where it lists none).
    /// </summary>
    /// <exception cref="InvalidOperationException">The modules don't fit together; all problems in one message.</exception>
    public static void AddDox(this IHostApplicationBuilder builder, IReadOnlyList<IModule> all)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(all);
        var hosted = builder.Configuration.GetSection("Dox:Modules").Get<string[]>() is { Length: > 0 } some ? some : [.. all.Select(m => m.Name)];
        var modules = new ModuleSet(all, hosted);
        var services = builder.Services;

        services.TryAddSingleton(TimeProvider.System);
        var catalog = new MessageCatalog(modules);
        services.AddSingleton(modules);
        services.AddSingleton(catalog);
        services.AddCheckedOptions<TransportOptions>("Dox:Transport", TransportOptions.Problems);
        services.AddCheckedOptions<OutboxOptions>("Dox:Outbox", OutboxOptions.Problems);
        services.AddOptions<DatabaseOptions>().BindConfiguration(DatabaseConfiguration.Section);
        services.AddOptions<ContentOptions>().BindConfiguration("Dox:Content");
        services.AddSingleton(provider => new LocalContentStore(
            provider.GetRequiredService<IOptions<ContentOptions>>(), provider.GetRequiredService<TimeProvider>(),
            keepsSmall: all.All(m => modules.Hosts(m.Name)) && !provider.GetRequiredService<IOptions<TransportOptions>>().Value.AlwaysRemote));
        services.AddSingleton<IContentStore>(provider => provider.GetRequiredService<LocalContentStore>());
        services.AddCheckedOptions<UploadOptions>(UploadOptions.Section, UploadOptions.Problems);
        services.AddSingleton<UploadGate>();
        services.AddHostedService<StagedSweep>();
        AddDispatch(services, modules);
        AddData(services, modules);
        AddTransport(services, builder.Configuration, modules, catalog);

        foreach (var module in modules.Hosted)
        {
            module.AddServices(builder);
            AddHandlers(services, module.GetType().Assembly);
        }

        StartUpChecks.Run(services, modules, builder.Configuration);
    }

    /// <summary>Maps the hosted modules' endpoints; each request's scope then belongs to the module whose endpoint it met.</summary>
    public static void MapModules(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        foreach (var module in endpoints.ServiceProvider.GetRequiredService<ModuleSet>().Hosted)
        {
            var group = endpoints.MapGroup("").WithTags(module.Name);
            group.AddEndpointFilter((context, next) =>
            {
                context.HttpContext.RequestServices.GetRequiredService<CallContext>().Module = module.Name;
                return next(context);
            });
            module.MapEndpoints(group);
        }
    }

    private static void AddDispatch(IServiceCollection services, ModuleSet modules)
    {
        services.AddScoped<ServiceFactory>(provider => provider.GetRequiredService);
        services.AddScoped<CallContext>();
        services.AddScoped<Mediator>();
        services.AddScoped<IMediator, ModuleMediator>();
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(AuthorizationBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        services.AddSingleton<RequestDispatcher>();
        services.AddSingleton<DeliveryDispatcher>();
        services.AddSingleton<InProcessTransport>();
        services.AddSingleton<TransportRouter>();
        services.AddSingleton<OutboxSignals>();
        services.AddSingleton(provider => new OutboxMessages(
            provider.GetRequiredService<MessageCatalog>(), provider.GetRequiredService<OutboxSignals>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new DeadMessages(
            provider.GetRequiredService<IServiceScopeFactory>(), provider.GetRequiredService<ModuleDatabases>(), provider.GetRequiredService<OutboxSignals>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<OutboxMetrics>();
        services.AddSingleton<IMetricReading>(provider => provider.GetRequiredService<OutboxMetrics>());
        services.AddSingleton<IMetricReading>(provider => new BackendMetrics(provider.GetRequiredService<RedisConnections>(), provider.GetService<NpgsqlDataSource>()));
        services.AddHostedService<MetricReader>();
        foreach (var module in modules.Hosted)
        {
            services.AddSingleton<IHostedService>(provider => new OutboxRelay(
                module.Name, provider.GetRequiredService<IServiceScopeFactory>(), provider.GetRequiredService<ModuleDatabases>(),
                provider.GetRequiredService<TransportRouter>(), provider.GetRequiredService<OutboxSignals>(), provider.GetRequiredService<OutboxMetrics>(),
                provider.GetRequiredService<IOptions<OutboxOptions>>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<OutboxRelay>>()));
        }
    }

    private static void AddTransport(IServiceCollection services, IConfiguration configuration, ModuleSet modules, MessageCatalog catalog)
    {
        services.AddCheckedOptions<RedisOptions>("Dox:Redis", RedisOptions.Problems);
        services.AddSingleton<RedisConnections>();
        services.AddSingleton(provider => new RedisChannels(provider.GetRequiredService<RedisConnections>()));
        services.AddSingleton(provider => new UnreadEntries(provider.GetRequiredService<RedisConnections>(), modules, provider.GetRequiredService<IOptions<TransportOptions>>()));
        services.AddSingleton(provider => new SharedHealth(
            provider.GetRequiredService<RedisConnections>(), modules, provider.GetRequiredService<IOptions<TransportOptions>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IHealthCheckPublisher>(provider => provider.GetRequiredService<SharedHealth>());
        if ((configuration.GetSection("Dox:Transport").Get<TransportOptions>() ?? new()).Kind == TransportKind.Redis)
            services.AddRedisTransport(modules, catalog, configuration.GetSection("Dox:Redis").Get<RedisOptions>() ?? new());
    }

    private static void AddData(IServiceCollection services, ModuleSet modules)
    {
        services.AddSingleton<ModuleDatabases>();
        services.AddSingleton<SqliteWriteGate>();
        services.AddSingleton(provider => new SqliteFiles(provider.GetRequiredService<IOptions<DatabaseOptions>>(), provider.GetRequiredService<SqliteWriteGate>()));
        services.AddSingleton<SqliteFolderLock>();
        services.AddScoped<OpenWrites>();
        services.AddScoped(provider => new ModuleDbServices(
            modules, provider.GetRequiredService<MessageCatalog>(), provider.GetRequiredService<CallContext>(), provider.GetRequiredService<SqliteWriteGate>(),
            provider.GetRequiredService<OutboxSignals>(), provider.GetRequiredService<OutboxMessages>(), provider.GetRequiredService<OpenWrites>()));
        services.AddSingleton(provider => new DatabaseMigrator(
            provider.GetRequiredService<IServiceScopeFactory>(), provider.GetRequiredService<ModuleDatabases>(), provider.GetRequiredService<SqliteFolderLock>(),
            provider.GetRequiredService<IOptions<DatabaseOptions>>(), provider.GetRequiredService<ILogger<DatabaseMigrator>>()));
        services.AddHostedService(provider => provider.GetRequiredService<DatabaseMigrator>());
    }

    private static void AddHandlers(IServiceCollection services, Assembly assembly) =>
        services.Scan(scan => scan.FromAssemblies(assembly)
            .AddClasses(c => c.AssignableTo(typeof(IRequestHandler<,>)), publicOnly: false).AsImplementedInterfaces().WithTransientLifetime()
            .AddClasses(c => c.AssignableTo(typeof(INotificationHandler<>)), publicOnly: false).AsImplementedInterfaces().WithTransientLifetime()
            .AddClasses(c => c.AssignableTo(typeof(IValidator<>)), publicOnly: false).AsImplementedInterfaces().WithSingletonLifetime());
}
