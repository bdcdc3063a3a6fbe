using Dox.TemplateMatching.Data;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Templates;

/// <summary>The stored versions that are in force or will be, read again only of templates that got a new one.</summary>
internal sealed class StoredTemplates
{
    private readonly Dictionary<string, (int Revision, IReadOnlyList<Known> Versions)> _known = new(StringComparer.Ordinal);

    /// <summary>Reads what is new.</summary>
    public async Task ReadChangedAsync(TemplateMatchingDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var heads = await db.TemplateHeads.AsNoTracking().ToListAsync(cancellationToken);
        foreach (var head in heads)
        {
            var id = head.TemplateId;
            if (_known.TryGetValue(id, out var known) && known.Revision == head.Revision) continue;
            var versions = await db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == id && (v.ValidTo == null || v.ValidTo > now)).ToListAsync(cancellationToken);
            // A version that was added since the head was read is read again with the next look: no harm
            _known[id] = (head.Revision, [.. versions.Select(Read)]);
        }
    }

    /// <summary>What is in force at that moment, by template: the definition, null for one that was withdrawn, or what is wrong with it.</summary>
    public IEnumerable<(TemplateVersion Version, ParsedTemplate Parsed)> At(DateTimeOffset now) =>
        _known.Values.Select(k => k.Versions.Where(v => v.Version.IsInForceAt(now)).MaxBy(v => v.Version.Revision)).OfType<Known>().Select(v => (v.Version, v.Parsed));

    private static Known Read(TemplateVersion version)
    {
        if (version.Source is null) return new(version, new ParsedTemplate(null, []));
        var parsed = TemplateParser.Parse(version.Source, $"{version.TemplateId} (revision {version.Revision})");
        return new(version, parsed with
        {
            Template = parsed.Template is null ? null : parsed.Template with { Stored = new(version.Revision, version.Origin, version.ValidFrom, version.ValidTo) },
        });
    }

    private sealed record Known(TemplateVersion Version, ParsedTemplate Parsed);
}
