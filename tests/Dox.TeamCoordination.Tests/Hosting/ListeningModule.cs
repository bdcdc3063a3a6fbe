using System.Collections.Concurrent;
using System.Reflection;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.TeamCoordination.Contracts;
using MediatR;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dox.TeamCoordination.Tests.Hosting;

/// <summary>Stands where the module that runs workflows does: it hears what was decided.</summary>
internal sealed class ListeningModule : IModule
{
    public string Name => "Listening";

    public Assembly Contracts => typeof(ListeningModule).Assembly;

    public void AddServices(IHostApplicationBuilder builder)
    {
        builder.AddModuleDatabase<ListeningDbContext, SqliteListeningDbContext>(Name, "listening");
        builder.Services.AddSingleton<HeardEvents>();
        builder.Services.AddHostedService<ListeningTables>();
    }

    public void MapEndpoints(IEndpointRouteBuilder api)
    {
    }
}

/// <summary>Makes the tables from the model: a module of the tests has no migrations.</summary>
internal sealed class ListeningTables(IServiceScopeFactory scopes) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ListeningDbContext>();
        var script = db.Database.GenerateCreateScript().Replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", StringComparison.Ordinal)
            .Replace("CREATE INDEX ", "CREATE INDEX IF NOT EXISTS ", StringComparison.Ordinal);
        await db.Database.ExecuteSqlRawAsync(script, cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

internal sealed class HeardEvents
{
    private readonly ConcurrentQueue<ReviewDecided> _decisions = new();

    public IReadOnlyList<ReviewDecided> Decisions => [.. _decisions];

    public void Add(ReviewDecided decided) => _decisions.Enqueue(decided);
}

internal sealed class ReviewDecidedHandler(HeardEvents heard) : INotificationHandler<ReviewDecided>
{
    public Task Handle(ReviewDecided notification, CancellationToken cancellationToken)
    {
        heard.Add(notification);
        return Task.CompletedTask;
    }
}

internal class ListeningDbContext : ModuleDbContext
{
    public ListeningDbContext(DbContextOptions<ListeningDbContext> options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    protected ListeningDbContext(DbContextOptions options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    protected override string Schema => "listening";
}

internal sealed class SqliteListeningDbContext(DbContextOptions<SqliteListeningDbContext> options, ModuleDbServices? services) : ListeningDbContext(options, services);
