using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.SharedKernel.Tests.Ledger;

internal class LedgerDbContext : ModuleDbContext
{
    public LedgerDbContext(DbContextOptions<LedgerDbContext> options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    protected LedgerDbContext(DbContextOptions options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    public DbSet<Entry> Entries => Set<Entry>();

    public DbSet<Heard> Heard => Set<Heard>();

    protected override string Schema => "ledger";
}

internal sealed class SqliteLedgerDbContext(DbContextOptions<SqliteLedgerDbContext> options, ModuleDbServices? services) : LedgerDbContext(options, services);

internal sealed class Entry
{
    public required Guid Id { get; init; }

    public required string Text { get; init; }

    public Id<Document>? Document { get; init; }

    public DateTimeOffset At { get; init; }

    internal sealed class Map : IEntityTypeConfiguration<Entry>
    {
        public void Configure(EntityTypeBuilder<Entry> builder)
        {
            builder.ToTable("entries");
            builder.Property(e => e.Text).HasMaxLength(200);
        }
    }
}

/// <summary>An event's effect: a row each time that it has one.</summary>
internal sealed class Heard
{
    public required Guid Id { get; init; }

    public required string Text { get; init; }

    internal sealed class Map : IEntityTypeConfiguration<Heard>
    {
        public void Configure(EntityTypeBuilder<Heard> builder)
        {
            builder.ToTable("heard");
            builder.Property(e => e.Text).HasMaxLength(200);
        }
    }
}
