using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Validation.Ledger;
using Dox.Validation.Quarantine;
using Microsoft.EntityFrameworkCore;

namespace Dox.Validation.Data;

/// <summary>The module's state on PostgreSQL, and the model that SQLite shares.</summary>
internal class ValidationDbContext : ModuleDbContext, IAudited
{
    public const string SchemaName = "validation";

    public ValidationDbContext(DbContextOptions<ValidationDbContext> options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    protected ValidationDbContext(DbContextOptions options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    public DbSet<RateLimitEntry> RateLimitEntries => Set<RateLimitEntry>();

    public DbSet<RateLimitBurst> RateLimitBursts => Set<RateLimitBurst>();

    public DbSet<ContentRecord> Contents => Set<ContentRecord>();

    public DbSet<QuarantineEntry> Quarantine => Set<QuarantineEntry>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    public DbSet<AuditHead> AuditHead => Set<AuditHead>();

    protected override string Schema => SchemaName;
}

/// <summary>The module's state on SQLite.</summary>
internal sealed class SqliteValidationDbContext(DbContextOptions<SqliteValidationDbContext> options, ModuleDbServices? services)
    : ValidationDbContext(options, services);
