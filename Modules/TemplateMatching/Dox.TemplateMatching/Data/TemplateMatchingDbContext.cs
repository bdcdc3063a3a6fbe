using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.TemplateMatching.Teaching;
using Dox.TemplateMatching.Templates;
using Dox.TemplateMatching.Unknown;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Data;

/// <summary>The module's state on PostgreSQL, and the model that SQLite shares.</summary>
internal class TemplateMatchingDbContext : ModuleDbContext, IAudited
{
    public const string SchemaName = "template_matching";

    public TemplateMatchingDbContext(DbContextOptions<TemplateMatchingDbContext> options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    protected TemplateMatchingDbContext(DbContextOptions options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    public DbSet<StoredRecognition> Recognitions => Set<StoredRecognition>();

    public DbSet<TemplateHead> TemplateHeads => Set<TemplateHead>();

    public DbSet<TemplateVersion> TemplateVersions => Set<TemplateVersion>();

    public DbSet<Lesson> Lessons => Set<Lesson>();

    public DbSet<TemplateSample> Samples => Set<TemplateSample>();

    public DbSet<UnknownDocument> UnknownDocuments => Set<UnknownDocument>();

    public DbSet<TemplateDraft> TemplateDrafts => Set<TemplateDraft>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    public DbSet<AuditHead> AuditHead => Set<AuditHead>();

    protected override string Schema => SchemaName;
}

/// <summary>The module's state on SQLite.</summary>
internal sealed class SqliteTemplateMatchingDbContext(DbContextOptions<SqliteTemplateMatchingDbContext> options, ModuleDbServices? services)
    : TemplateMatchingDbContext(options, services);
