using System.Text.Json.Nodes;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.TemplateMatching.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Dox.TemplateMatching.Templates;

/// <summary>What a template is to become.</summary>
/// <param name="TemplateId">Its id.</param>
/// <param name="Origin">How it came about.</param>
/// <param name="Source">The definition as YAML; null withdraws the template.</param>
/// <param name="Learning">What the learner knows, as JSON.</param>
/// <param name="Base">SHA-256 of the folder's definition that it learned on top of.</param>
/// <param name="ValidFrom">Null: at once.</param>
/// <param name="ValidTo">Null: until further notice.</param>
/// <param name="Reason">Why, in words.</param>
internal sealed record TemplateChange(
    string TemplateId, TemplateOrigin Origin, string? Source, string? Learning = null, string? Base = null, DateTimeOffset? ValidFrom = null,
    DateTimeOffset? ValidTo = null, string? Reason = null);

/// <summary>Adds versions of templates, each with its audit entry.</summary>
internal static class TemplateWrites
{
    /// <summary>Adds the next version, in the write that is open. From its beginning on it takes the place of what was in force then, until the next that is planned.</summary>
    /// <exception cref="DoxException">400: a period that ends before it begins; 409: somebody else was first.</exception>
    public static async Task<TemplateVersion> AddAsync(
        this TemplateMatchingDbContext db, TemplateChange change, Caller by, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var from = change.ValidFrom ?? now;
        if (change.ValidTo <= from) throw DoxException.Invalid("bad_validity", $"valid_to ({change.ValidTo:O}) isn't after valid_from ({from:O}).");

        var head = await db.TemplateHeads.SingleOrDefaultAsync(h => h.TemplateId == change.TemplateId, cancellationToken);
        var before = head?.Revision;
        if (head is null) db.TemplateHeads.Add(head = new TemplateHead { TemplateId = change.TemplateId, Revision = 1 });
        else head.Revision++;

        var others = await db.TemplateVersions
            .Where(v => v.TemplateId == change.TemplateId && (v.ValidTo == null || v.ValidTo > from)).ToListAsync(cancellationToken);
        DateTimeOffset? next = others.Where(v => v.ValidFrom > from).Select(v => (DateTimeOffset?)v.ValidFrom).Min();
        foreach (var covered in others.Where(v => v.ValidFrom <= from)) covered.ValidTo = from;
        var version = new TemplateVersion
        {
            TemplateId = change.TemplateId,
            Revision = head.Revision,
            Source = change.Source,
            Learning = change.Learning,
            Base = change.Base,
            ValidFrom = from,
            ValidTo = change.ValidTo is { } to && !(next < to) ? to : next,
            Origin = change.Origin,
            Created = now,
            CreatedBy = by.User,
            Reason = change.Reason,
        };
        db.TemplateVersions.Add(version);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e is DbUpdateConcurrencyException || e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } or SqliteException { SqliteErrorCode: 19 })
        {
            throw new DoxException(409, "template_changed", $"Somebody else changed '{change.TemplateId}' at the same time. Look at it again, then decide.", inner: e);
        }

        var details = new JsonObject { ["origin"] = Name(version.Origin), ["valid_from"] = from, ["valid_to"] = version.ValidTo };
        await db.NoteAsync(
            new AuditRecord(
                by, by.Account, $"template.{Verb(version.Origin)}", change.TemplateId, change.Reason, before is null ? null : $"revision {before}",
                $"revision {version.Revision}", details),
            clock, cancellationToken);
        return version;
    }

    /// <summary>The version that was added last; null for a template that the database knows nothing of.</summary>
    public static Task<TemplateVersion?> LatestOfAsync(this TemplateMatchingDbContext db, string id, CancellationToken cancellationToken) =>
        db.TemplateVersions.Where(v => v.TemplateId == id).OrderByDescending(v => v.Revision).FirstOrDefaultAsync(cancellationToken);

    private static string Name(TemplateOrigin origin) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(origin.ToString());

    private static string Verb(TemplateOrigin origin) => origin switch
    {
        TemplateOrigin.Written => "write",
        TemplateOrigin.Learned => "learn",
        TemplateOrigin.Taught => "teach",
        TemplateOrigin.Restored => "restore",
        TemplateOrigin.Imported => "import",
        _ => "withdraw",
    };
}
