using Dox.DocumentReading;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Learning;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Recognitions;
using Dox.TemplateMatching.Templates;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Teaching;

/// <summary>Makes a template of one to five samples, and puts it in force.</summary>
internal static class LearnTemplate
{
    private const int MaxSamples = 5;

    /// <param name="TemplateId">Of a template that isn't there yet.</param>
    /// <param name="Name">For people; null: the id.</param>
    /// <param name="Family">Versions of one form share it; null: the id.</param>
    /// <param name="Samples">Staged.</param>
    [Requires(Role.Author)]
    internal sealed record Command(string TemplateId, string? Name, string? Family, IReadOnlyList<Sample> Samples) : ICommand<Answer>;

    /// <param name="FileName">As it was sent.</param>
    /// <param name="Document">What it is staged as.</param>
    internal sealed record Sample(string FileName, DocumentRef Document);

    /// <param name="Success">Always true.</param>
    /// <param name="TemplateId">The template's.</param>
    /// <param name="Revision">Of the version that was added.</param>
    /// <param name="Samples">How many it was learned from.</param>
    /// <param name="Definition">As YAML: name its fields, and send it with PUT.</param>
    /// <param name="Template">The same, taken apart: anchors and proposed fields.</param>
    /// <param name="Timestamp">UTC.</param>
    internal sealed record Answer(bool Success, string TemplateId, int Revision, int Samples, string Definition, GetTemplate.Answer Template, DateTimeOffset Timestamp);

    internal sealed class Handler(
        TemplateMatchingDbContext db, TemplateCatalog catalog, DocumentTexts texts, IContentStore content, IMediator mediator, CallContext call, TimeProvider clock)
        : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken cancellationToken)
        {
            var id = command.TemplateId;
            TemplateSource.DemandOwn(catalog, id);
            await DemandNewAsync(id, cancellationToken);
            var words = new List<DocumentWords>();
            foreach (var sample in command.Samples) words.Add(await WordsAsync(sample, cancellationToken));
            var learned = LearnedLayout.Of(words);
            var family = command.Family ?? id;
            var draft = TemplateDrafter.Of(learned, new DraftHead(id, command.Name ?? id, family), TokenRarity.Of(catalog.Current.Templates.Where(t => t.Family != family)))
                ?? throw new DoxException(422, "samples_differ", $"The samples share fewer than {TemplateDrafter.MinAnchors} words at the same places: they are no instances of one form, or hardly say anything.");
            var source = TemplateWriter.Write(draft);
            TemplateSource.Demand(source, id);
            foreach (var sample in command.Samples) await content.AcceptAsync(sample.Document, cancellationToken);

            TemplateVersion version;
            await using (var write = await db.BeginWriteAsync(cancellationToken))
            {
                await DemandNewAsync(id, cancellationToken);
                version = await db.AddAsync(
                    new TemplateChange(id, TemplateOrigin.Learned, source, (TemplateKnowledge.Of(source) with { Examples = learned }).ToJson(), Reason: $"learned from {command.Samples.Count} samples"),
                    call.Caller, clock, cancellationToken);
                db.Samples.AddRange(command.Samples.Select(s => new TemplateSample
                {
                    Id = s.Document.Id,
                    TemplateId = id,
                    FileName = s.FileName,
                    Sha256 = s.Document.Sha256,
                    Length = s.Document.Length,
                    MediaType = s.Document.MediaType,
                    Added = version.Created,
                    AddedBy = call.Caller.User,
                }));
                await db.SaveChangesAsync(cancellationToken);
                await write.CommitAsync(cancellationToken);
            }

            await catalog.ReloadAsync(cancellationToken);
            return new(true, id, version.Revision, learned.Samples, source, await mediator.Send(new GetTemplate.Query(id), cancellationToken), version.Created);
        }

        private async Task DemandNewAsync(string id, CancellationToken cancellationToken)
        {
            if (await db.LatestOfAsync(id, cancellationToken) is { Source: not null })
                throw DoxException.Conflict("template_exists", $"There is a template '{id}' already. It learns from reviews; DELETE it to begin anew.");
        }

        private async Task<DocumentWords> WordsAsync(Sample sample, CancellationToken cancellationToken)
        {
            var text = await texts.ReadStagedAsync(sample.Document, isOptical: false, cancellationToken);
            if (text.Outcome != ReadingOutcome.Ok) throw new DoxException(422, "sample_unreadable", $"'{sample.FileName}' can't be read ({text.Code}): {text.Message}");
            return text.HasText ? DocumentWords.Of(text) : throw new DoxException(422, "sample_without_text", $"'{sample.FileName}' is a picture: it has no text to learn from.");
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/templates/learn", HandleAsync)
            .WithSummary("Makes a template of one to five samples: a multipart form with 'file' for each, 'template_id', 'name', 'family'")
            .Accepts<IFormFile>("multipart/form-data")
            .Produces<Answer>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .DisableAntiforgery();

    private static async Task<IResult> HandleAsync(
        HttpRequest request, IMediator mediator, IContentStore content, IUploadCheck check, IOptions<TemplateMatchingOptions> options, CallContext call, TimeProvider clock, CancellationToken cancellationToken)
    {
        // Before the files are taken in, which isn't for everybody
        if (!call.Caller.Holds(Role.Author)) throw DoxException.Forbidden("Templates are learned by authors.");
        var ids = Enumerable.Range(0, MaxSamples).Select(_ => Id<Document>.New(clock)).ToList();
        try
        {
            var uploads = await ManyFiles.ReadAsync(request, content, ids, options.Value.MaxSampleBytes, cancellationToken);
            var fields = uploads[0].Fields;
            if (fields.GetValueOrDefault("template_id") is not { Length: > 0 } id) throw DoxException.Invalid("template_id_missing", "Give the template's id in the field 'template_id', for example de.example.invoice.");
            for (var i = 0; i < uploads.Count; i++) await check.DemandAsync(ids[i], uploads[i], isKept: true, cancellationToken);
            var samples = uploads.Select((u, i) => new Sample(u.SubmittedName, new DocumentRef(ids[i], u.Content.Sha256, u.Content.Length, u.MediaType))).ToList();
            var answer = await mediator.Send(new Command(id, NullIfEmpty(fields, "name"), NullIfEmpty(fields, "family"), samples), cancellationToken);
            return TypedResults.Created($"/api/v1/templates/{answer.TemplateId}", answer);
        }
        finally
        {
            // What was learned from is accepted, and no longer staged
            foreach (var id in ids) await content.DiscardStagedAsync(id, CancellationToken.None);
        }
    }

    private static string? NullIfEmpty(IReadOnlyDictionary<string, string> fields, string name) => fields.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
}
