using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Dox.ArchitectureTests.BadModule;

/// <summary>No migration makes its tables, and there is none for the other database.</summary>
internal sealed class BadDbContext(DbContextOptions<BadDbContext> options) : ModuleDbContext(options, services: null)
{
    protected override string Schema => "bad";
}

internal sealed class BadDesignTime : IDesignTimeDbContextFactory<BadDbContext>
{
    public BadDbContext CreateDbContext(string[] args) => new(DesignTimeContext.Sqlite<BadDbContext>());
}
