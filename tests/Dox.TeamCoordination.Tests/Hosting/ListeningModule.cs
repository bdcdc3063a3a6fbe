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

    public static async Task CreateTablesAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ListeningDbContext>();
        await db.Database.ExecuteSqlRawAsync(db.Database.GenerateCreateScript());
    }

    public void AddServices(IHostApplicationBuilder builder) => builder.AddModuleDatabase<ListeningDbContext, SqliteListeningDbContext>(Name, "listening");

    public void MapEndpoints(IEndpointRouteBuilder api)
    {
    }
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
