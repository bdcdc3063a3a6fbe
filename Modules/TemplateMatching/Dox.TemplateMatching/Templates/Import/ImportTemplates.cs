using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Teaching;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Templates.Import;

/// <summary>Takes over templates of another tool as stored ones. What can't be taken over is told, and stands in nobody's way; done twice it is done once.</summary>
internal static class ImportTemplates
{
    private const int Most = 1_000;
    private const int LongestPath = 500;

    /// <param name="Templates">At most 1,000.</param>
    /// <param name="DryRun">Whether to tell what would become of them, and store nothing.</param>
    [Requires(Role.Author)]
    internal sealed record Command(IReadOnlyList<ForeignFile>? Templates, bool DryRun = false) : ICommand<Answer>;

    /// <param name="Path">The file's name or path: the template's id comes from its name and its folder's, and messages name it.</param>
    /// <param name="Source">The file's text, YAML or JSON.</param>
    internal sealed record ForeignFile(string Path, string Source);

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Templates)
            .Must(t => t is { Count: >= 1 and <= Most } && t.All(f => f is { Path.Length: >= 1 and <= LongestPath, Source: not null })).WithErrorCode("templates_missing")
            .WithMessage($"Give 1 to {Most} 'templates', each with 'path', of up to {LongestPath} characters, and 'source', the file's text.");
    }

    /// <summary>What became of a file.</summary>
    internal enum Outcome
    {
        /// <summary>A new template.</summary>
        Added,

        /// <summary>Imported before, and different now: its next version.</summary>
        Updated,

        /// <summary>Imported before, and the same.</summary>
        Unchanged,

        /// <summary>It can't be taken over.</summary>
        Refused,
    }

    /// <param name="Success">Whether none was refused.</param>
    /// <param name="DryRun">Whether nothing was stored.</param>
    /// <param name="Added">How many are new.</param>
    /// <param name="Updated">How many have a next version.</param>
    /// <param name="Unchanged">How many are here already.</param>
    /// <param name="Refused">How many can't be taken over.</param>
    /// <param name="Templates">File by file, in the order in which they came.</param>
    /// <param name="Timestamp">UTC.</param>
    internal sealed record Answer(bool Success, bool DryRun, int Added, int Updated, int Unchanged, int Refused, IReadOnlyList<Item> Templates, DateTimeOffset Timestamp);

    /// <param name="Path">The file.</param>
    /// <param name="Id">The template's.</param>
    /// <param name="Outcome">What became of it.</param>
    /// <param name="Problems">Why it can't be taken over, with line and column.</param>
    /// <param name="Warnings">What was taken otherwise than it says, or left out.</param>
    internal sealed record Item(string Path, string Id, Outcome Outcome, IReadOnlyList<TemplateProblem> Problems, IReadOnlyList<TemplateProblem> Warnings);

    internal sealed class Handler(TemplateMatchingDbContext db, TemplateCatalog catalog, CallContext call, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken cancellationToken)
        {
            var seen = new Dictionary<string, string>(StringComparer.Ordinal);
            var read = command.Templates!.Select(f => (f.Path, Imported: Read(f, seen))).ToList();
            var items = new List<Item>();
            await using (var write = await db.BeginWriteAsync(cancellationToken))
            {
                foreach (var (path, imported) in read) items.Add(await TakeAsync(path, imported, command.DryRun, cancellationToken));
                if (!command.DryRun) await write.CommitAsync(cancellationToken);
            }

            if (!command.DryRun) await catalog.ReloadAsync(cancellationToken);
            int Count(Outcome outcome) => items.Count(i => i.Outcome == outcome);
            return new(
                Count(Outcome.Refused) == 0, command.DryRun, Count(Outcome.Added), Count(Outcome.Updated), Count(Outcome.Unchanged), Count(Outcome.Refused), items, clock.GetUtcNow());
        }

        private ImportedTemplate Read(ForeignFile file, Dictionary<string, string> seen)
        {
            if (!ForeignTemplate.IsOne(file.Source) && TemplateParser.Parse(file.Source, file.Path).Template is { } ours)
                return Refused(file.Path, "not_foreign", $"This is a definition of DOX's own: PUT /api/v1/templates/{ours.Id}, or dox templates publish, puts it in force.");
            var imported = ForeignTemplate.Import(file.Source, NameOf(file.Path), file.Path);
            if (imported.Template is not { } template) return imported;
            if (!template.Id.Any(char.IsAsciiLetterOrDigit)) return Refused(file.Path, "bad_id", "The file's name, which the template's id comes from, has no letter or digit.");
            if (!seen.TryAdd(template.Id, file.Path)) return Refused(file.Path, "duplicate_id", $"'{template.Id}' comes from {seen[template.Id]} already. Rename one of the files.");
            return catalog.IsInFolder(template.Id)
                ? Refused(file.Path, "template_read_only", $"'{template.Id}' is defined in a file of the server's templates' folder, and is changed there. Rename the file to import it beside that.")
                : imported;
        }

        private async Task<Item> TakeAsync(string path, ImportedTemplate imported, bool dryRun, CancellationToken cancellationToken)
        {
            if (imported is not { Template: { } template, Yaml: { } yaml }) return new(path, imported.Template?.Id ?? "", Outcome.Refused, imported.Problems, imported.Warnings);
            var id = template.Id;
            var latest = await db.LatestOfAsync(id, cancellationToken);
            var knowledge = latest?.Learning is { } learning ? TemplateKnowledge.FromJson(learning) : null;
            if (latest?.Source is { } source)
            {
                if ((knowledge?.Ground ?? source) == yaml) return new(path, id, Outcome.Unchanged, [], imported.Warnings);
                if (await WasChangedByHandAsync(id, cancellationToken))
                    return new(path, id, Outcome.Refused, [Problem(path, "template_changed", $"'{id}' was written or changed here by a person, which an import doesn't undo. Withdraw it, or rename the file.")], imported.Warnings);
            }

            if (!dryRun)
            {
                // What it learned stays with it, as where an author writes the next version
                var known = latest is { Source: not null, Base: null } && knowledge is not null ? (knowledge with { Ground = yaml }).ToJson() : null;
                await db.AddAsync(new TemplateChange(id, TemplateOrigin.Imported, yaml, known, Reason: Reason(path)), call.Caller, clock, cancellationToken);
            }

            return new(path, id, latest?.Source is null ? Outcome.Added : Outcome.Updated, [], imported.Warnings);
        }

        private static string Reason(string path) => $"imported from {path}";

        // Since it was imported: before, it may have been another template of that id
        private async Task<bool> WasChangedByHandAsync(string id, CancellationToken cancellationToken)
        {
            var origins = await db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == id).OrderByDescending(v => v.Revision).Select(v => v.Origin).ToListAsync(cancellationToken);
            return origins.Find(o => o is not TemplateOrigin.Taught) is not TemplateOrigin.Imported;
        }

        // Collections have a folder for each country, and the same name in several: com/com.example.yml is com.example, de/com.example.yml de.com.example
        private static string NameOf(string path)
        {
            var parts = path.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries);
            var name = Path.GetFileNameWithoutExtension(parts.LastOrDefault() ?? "");
            return parts is [.., var folder, _] && folder is not ("." or "..") && !name.StartsWith($"{folder}.", StringComparison.Ordinal) ? $"{folder}.{name}" : name;
        }

        private static ImportedTemplate Refused(string path, string code, string message) => new(null, null, [], [Problem(path, code, message)]);

        private static TemplateProblem Problem(string path, string code, string message) => new(path, 1, 1, code, message);
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/templates/import", async (Command command, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(command, cancellationToken)))
            .WithSummary("Takes over templates of another tool; says file by file what became of them")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
}
