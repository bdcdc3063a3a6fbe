using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Learning;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Teaching;

/// <summary>The whole library against its samples and decided documents, one left out at a time: as it is, or as it would be with another definition. Changes nothing.</summary>
internal static class TestTemplates
{
    private static readonly Dictionary<string, string> s_noValues = [];

    /// <param name="Source">A definition that isn't in force, as YAML; null: the library as it is.</param>
    [Requires(Role.Author)]
    internal sealed record Query(string? Source) : IQuery<Answer>;

    /// <param name="Success">Always true.</param>
    /// <param name="DraftId">The template whose definition was sent; null where none was.</param>
    /// <param name="Tested">How many documents were matched.</param>
    /// <param name="Right">How many were recognised as what they are. A template's only sample is right where it is unknown: nothing else knows it.</param>
    /// <param name="FalseAccepts">How many would have been accepted as something else without a person.</param>
    /// <param name="Unread">How many couldn't be read any more.</param>
    /// <param name="LeftOut">Older ones that weren't looked at.</param>
    /// <param name="Regressions">How many are right as it is, and wouldn't be with the definition that was sent.</param>
    /// <param name="Confusion">What was recognised as what; the wrong ones first.</param>
    /// <param name="Wrong">Those that weren't recognised as what they are.</param>
    /// <param name="Flips">What comes out otherwise with the definition that was sent.</param>
    /// <param name="Fields">How often each field of a template is read from its documents.</param>
    /// <param name="Timestamp">UTC.</param>
    internal sealed record Answer(
        bool Success, string? DraftId, int Tested, int Right, int FalseAccepts, int Unread, int LeftOut, int Regressions, IReadOnlyList<Confused> Confusion,
        IReadOnlyList<Trial> Wrong, IReadOnlyList<Flip> Flips, IReadOnlyList<FieldCount> Fields, DateTimeOffset Timestamp);

    /// <param name="Is">What they are; null: nothing that the library can know.</param>
    /// <param name="TakenFor">What they were recognised as; null: unknown.</param>
    /// <param name="Count">How many.</param>
    internal sealed record Confused(string? Is, string? TakenFor, int Count);

    /// <param name="DocumentId">The document's, or the sample's.</param>
    /// <param name="FileName">Of a sample.</param>
    /// <param name="Is">What it is; null: nothing that the library can know.</param>
    /// <param name="TakenFor">What it was recognised as; null: unknown.</param>
    /// <param name="Decision">What would become of it.</param>
    /// <param name="Confidence">0 to 1.</param>
    /// <param name="Explanation">Why, in words.</param>
    internal sealed record Trial(Id<Document> DocumentId, string? FileName, string? Is, string? TakenFor, RecognitionDecision Decision, double Confidence, string Explanation);

    /// <param name="Before">As the library is.</param>
    /// <param name="After">With the definition that was sent.</param>
    /// <param name="IsRegression">Whether it was right, and isn't any more.</param>
    /// <param name="Fields">Fields that are read otherwise, or not any more, or newly.</param>
    internal sealed record Flip(Trial Before, Trial After, bool IsRegression, IReadOnlyList<string> Fields);

    /// <param name="TemplateId">The template's id.</param>
    /// <param name="Field">The field's name.</param>
    /// <param name="Required">Whether a document without it goes to a person.</param>
    /// <param name="Documents">How many of the template's documents were read.</param>
    /// <param name="Read">From how many of them it was.</param>
    internal sealed record FieldCount(string TemplateId, string Field, bool Required, int Documents, int Read);

    internal sealed class Handler(TestCases cases, Teacher teacher, TemplateCatalog catalog, IOptions<TemplateMatchingOptions> options, TimeProvider clock)
        : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken cancellationToken)
        {
            var library = await catalog.FreshAsync(cancellationToken);
            var draft = query.Source is null ? null : TemplateSource.Demand(query.Source, null);
            if (draft is not null) TemplateSource.DemandOwn(catalog, draft.Id);
            var (all, leftOut) = await cases.ReadAsync(cancellationToken);
            var (trials, flips, fields, unread) = (new List<SampleTrial>(), new List<Flip>(), new List<(string Template, FieldDefinition Field, bool Read)>(), 0);
            foreach (var one in all)
            {
                if (await teacher.ReadAsync(one.Document, cancellationToken) is not { } words)
                {
                    unread++;
                    continue;
                }

                var (trial, read) = await TryAsync(one, words, library, draft, fields, cancellationToken);
                trials.Add(trial);
                if (draft is null) continue;
                var (before, earlier) = await TryAsync(one, words, library, null, null, cancellationToken);
                var changed = earlier.Keys.Union(read.Keys, StringComparer.Ordinal)
                    .Where(f => earlier.GetValueOrDefault(f)?.Value != read.GetValueOrDefault(f)?.Value).Order(StringComparer.Ordinal).ToList();
                if (before.Found != trial.Found || before.Outcome.Decision != trial.Outcome.Decision || changed.Count > 0)
                    flips.Add(new(Shown(one, before), Shown(one, trial), before.IsRight && !trial.IsRight, changed));
            }

            var report = new LibraryReport(trials);
            var named = all.ToDictionary(c => c.Document.Id.ToString(), StringComparer.Ordinal);
            return new(
                true, draft?.Id, trials.Count, trials.Count(t => t.IsRight), trials.Count(t => t.IsFalseAccept), unread, leftOut, flips.Count(f => f.IsRegression),
                [.. report.Confusions.Select(c => new Confused(c.Expected, c.Found, c.Count))],
                [.. trials.Where(t => !t.IsRight).Select(t => Shown(named[t.Sample.Name], t))],
                flips,
                [.. fields.GroupBy(f => (f.Template, f.Field.Name)).OrderBy(g => g.Key.Template, StringComparer.Ordinal)
                    .Select(g => new FieldCount(g.Key.Template, g.Key.Name, g.First().Field.Required, g.Count(), g.Count(f => f.Read)))],
                clock.GetUtcNow());
        }

        private async Task<(SampleTrial Trial, IReadOnlyDictionary<string, ExtractedField> Read)> TryAsync(
            TestCase one, DocumentWords words, TemplateSet library, TemplateDefinition? draft, List<(string Template, FieldDefinition Field, bool Read)>? fields,
            CancellationToken cancellationToken)
        {
            var unseen = await cases.WithoutAsync(library, draft, one, words, cancellationToken);
            var sample = new StoredSample(one.Document.Id.ToString(), one.TemplateId, words, s_noValues);
            var trial = LibraryTest.Ask(sample, unseen, options.Value.Thresholds, options.Value.MaxScored);
            // Fields are a person's, and are read whether or not the template would be found
            if ((draft?.Id == one.TemplateId ? draft : library.Find(one.TemplateId ?? "")) is not { } template) return (trial, new Dictionary<string, ExtractedField>(StringComparer.Ordinal));
            var read = FieldExtractor.Extract(template, words).Fields;
            fields?.AddRange(template.Fields.Select(f => (template.Id, f, read.ContainsKey(f.Name))));
            return (trial, read);
        }

        private static Trial Shown(TestCase one, SampleTrial trial) => new(
            one.Document.Id, one.FileName, trial.Expected, trial.Found, trial.Outcome.Decision, trial.Outcome.Confidence, trial.Outcome.Explanation);
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/templates/test", async (HttpRequest request, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(await TemplateSource.ReadOptionalAsync(request, cancellationToken)), cancellationToken)))
            .WithSummary("The library against its samples and decided documents; with a definition as the body, as it would be with that")
            .Accepts<string>(isOptional: true, "application/yaml", "text/plain", "application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
}
