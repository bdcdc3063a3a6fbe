using System.Reflection;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dox.Benchmarks.Transport;

/// <summary>Answered with its text.</summary>
[MessageName("echo.ask.v1"), OpenToAll]
public sealed record Ask(string Text) : IQuery<string>;

/// <summary>Told, and heard by its own module: with nothing to do, so that what is measured is how it gets there.</summary>
[MessageName("echo.told.v1")]
public sealed record Told(string Text) : IIntegrationEvent;

/// <summary>A module that does nothing with what it is sent, beside what the kernel does with it.</summary>
internal sealed class EchoModule : IModule
{
    public const string ModuleName = "Echo";

    public string Name => ModuleName;

    public Assembly Contracts => typeof(EchoModule).Assembly;

    public void AddServices(IHostApplicationBuilder builder)
    {
        builder.AddModuleDatabase<EchoDbContext, SqliteEchoDbContext>(Name, "echo");
        builder.Services.AddHostedService<EchoTables>();
    }

    public void MapEndpoints(IEndpointRouteBuilder api)
    {
    }
}

internal class EchoDbContext : ModuleDbContext
{
    public EchoDbContext(DbContextOptions<EchoDbContext> options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    protected EchoDbContext(DbContextOptions options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    protected override string Schema => "echo";
}

internal sealed class SqliteEchoDbContext(DbContextOptions<SqliteEchoDbContext> options, ModuleDbServices? services) : EchoDbContext(options, services);

internal sealed class AskHandler : IRequestHandler<Ask, string>
{
    public Task<string> Handle(Ask request, CancellationToken cancellationToken) => Task.FromResult(request.Text);
}

internal sealed class ToldHandler : INotificationHandler<Told>
{
    public Task Handle(Told notification, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Makes the tables of the kernel: the module has none, and no migrations.</summary>
internal sealed class EchoTables(IServiceScopeFactory scopes) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<EchoDbContext>().Database.EnsureCreatedAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
