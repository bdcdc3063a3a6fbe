using System.Reflection;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Tests.Ledger;
using MediatR;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dox.SharedKernel.Tests.Modules;

/// <summary>Asks the ledger, and hears what it tells. A module is told by its assembly, hence the ledger's own.</summary>
public sealed class DeskModule : IModule
{
    public string Name => "Desk";

    public Assembly Contracts => typeof(DeskModule).Assembly;

    public void AddServices(IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddModuleDatabase<DeskDbContext, SqliteDeskDbContext>(Name, "desk");
        builder.Services.AddHostedService<Schema<DeskDbContext>>();
    }

    public void MapEndpoints(IEndpointRouteBuilder api)
    {
    }
}

internal class DeskDbContext : ModuleDbContext
{
    public DeskDbContext(DbContextOptions<DeskDbContext> options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    protected DeskDbContext(DbContextOptions options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    public DbSet<DeskHeard> Heard => Set<DeskHeard>();

    protected override string Schema => "desk";
}

internal sealed class SqliteDeskDbContext(DbContextOptions<SqliteDeskDbContext> options, ModuleDbServices? services) : DeskDbContext(options, services);

internal sealed class DeskHeard
{
    public required Guid Id { get; init; }

    public required string Text { get; init; }

    internal sealed class Map : IEntityTypeConfiguration<DeskHeard>
    {
        public void Configure(Microsoft.EntityFrameworkCore.Metadata.Builders.EntityTypeBuilder<DeskHeard> builder)
        {
            builder.ToTable("heard");
            builder.Property(e => e.Text).HasMaxLength(200);
        }
    }
}

internal sealed class HearEntries(Script script, DeskDbContext db, TimeProvider clock) : INotificationHandler<EntryRecorded>
{
    public async Task Handle(EntryRecorded notification, CancellationToken cancellationToken)
    {
        // A bulk write of a handler's own, that is given up: nothing of it may stay, and nothing else may go with it.
        await using (await db.BeginWriteAsync(cancellationToken))
        {
            db.Heard.Add(new DeskHeard { Id = Guid.CreateVersion7(clock.GetUtcNow()), Text = $"given up: {notification.Text}" });
            await db.SaveChangesAsync(cancellationToken);
        }

        await using var write = await db.BeginWriteAsync(cancellationToken);
        db.Heard.Add(new DeskHeard { Id = Guid.CreateVersion7(clock.GetUtcNow()), Text = notification.Text });
        await db.SaveChangesAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        // What fails behind a write of the handler's own takes that write with it.
        await script.PlayAsync(Script.DeskHears, notification.Text, cancellationToken);
    }
}
