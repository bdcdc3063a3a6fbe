using Dox.Orchestration.Documents;
using Dox.Orchestration.Engine.MemoryBanks;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Events;
using Dox.Orchestration.Keys;
using Dox.Orchestration.Rules;
using Dox.Orchestration.StoredResults;
using Dox.Orchestration.Triggers;
using Dox.Orchestration.Webhooks;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Dox.Orchestration.Data;

/// <summary>Documents, runs and their journal, rule versions.</summary>
internal class OrchestrationDbContext : ModuleDbContext, IAudited
{
    public const string SchemaName = "orchestration";

    public OrchestrationDbContext(DbContextOptions<OrchestrationDbContext> options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    protected OrchestrationDbContext(DbContextOptions options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    public DbSet<DocumentRecord> Documents => Set<DocumentRecord>();

    public DbSet<OpenRun> OpenRuns => Set<OpenRun>();

    public DbSet<EndedRun> EndedRuns => Set<EndedRun>();

    public DbSet<JournalEntry> Journal => Set<JournalEntry>();

    public DbSet<BankNote> BankNotes => Set<BankNote>();

    public DbSet<StartKey> StartKeys => Set<StartKey>();

    public DbSet<RuleVersion> RuleVersions => Set<RuleVersion>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    public DbSet<AuditHead> AuditHead => Set<AuditHead>();

    public DbSet<RaisedEvent> RaisedEvents => Set<RaisedEvent>();

    public DbSet<WebhookRecord> Webhooks => Set<WebhookRecord>();

    public DbSet<KeyRecord> ApiKeys => Set<KeyRecord>();

    public DbSet<DeliveryRecord> WebhookDeliveries => Set<DeliveryRecord>();

    public DbSet<RuleSchedule> RuleSchedules => Set<RuleSchedule>();

    public DbSet<StoredResult> Results => Set<StoredResult>();

    public DbSet<FeedCursor> FeedCursors => Set<FeedCursor>();

    protected override string Schema => SchemaName;
}

/// <summary>The same on SQLite, with migrations of its own.</summary>
internal sealed class SqliteOrchestrationDbContext(DbContextOptions<SqliteOrchestrationDbContext> options, ModuleDbServices? services)
    : OrchestrationDbContext(options, services);

internal sealed class OrchestrationDesignTime : IDesignTimeDbContextFactory<OrchestrationDbContext>
{
    public OrchestrationDbContext CreateDbContext(string[] args) =>
        new(DesignTimeContext.PostgreSql<OrchestrationDbContext>(OrchestrationDbContext.SchemaName), services: null);
}

internal sealed class SqliteOrchestrationDesignTime : IDesignTimeDbContextFactory<SqliteOrchestrationDbContext>
{
    public SqliteOrchestrationDbContext CreateDbContext(string[] args) =>
        new(DesignTimeContext.Sqlite<SqliteOrchestrationDbContext>(), services: null);
}
