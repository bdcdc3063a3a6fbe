using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;

namespace Dox.Validation.Data;

/// <summary>The module's state on PostgreSQL, and the model that SQLite shares.</summary>
internal class ValidationDbContext : ModuleDbContext
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

    protected override string Schema => SchemaName;
}

/// <summary>The module's state on SQLite.</summary>
internal sealed class SqliteValidationDbContext(DbContextOptions<SqliteValidationDbContext> options, ModuleDbServices? services)
    : ValidationDbContext(options, services);
