using System.Globalization;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Contracts;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Recognitions;

/// <summary>Recognises a file that was sent for that alone. It is kept, so that whoever declares what it is teaches with it; no run begins.</summary>
internal static class RecognizeFile
{
    /// <param name="Ask">Of a staged file that was checked.</param>
    [Requires(Role.Submitter)]
    internal sealed record Command(RecognizeTemplate Ask) : ICommand<GetRecognition.Answer>;

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Ask).SetValidator(new RecognizeTemplateHandler.Validator());
    }

    internal sealed class Handler(IContentStore content, IMediator mediator, TimeProvider clock) : IRequestHandler<Command, GetRecognition.Answer>
    {
        public async Task<GetRecognition.Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            await content.AcceptAsync(request.Ask.Document, cancellationToken);
            return GetRecognition.Answer.Of(await mediator.Send(request.Ask, cancellationToken), clock.GetUtcNow());
        }
    }

    // Described where a document's id is sent to it: one address, two kinds of bodies
    public static void Map(IEndpointRouteBuilder api)
    {
        foreach (var path in new[] { "/recognize", "/recognize/template" })
            api.MapPost(path, HandleAsync).Counts(CountedUse.Recognitions).DisableAntiforgery().ExcludeFromDescription();
    }

    private static async Task<IResult> HandleAsync(
        HttpRequest request, IMediator mediator, IContentStore content, IUploadCheck check, IOptions<TemplateMatchingOptions> options, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var id = Id<Document>.New(clock);
        var upload = await UploadReader.ReadAsync(request, content, id, options.Value.MaxSampleBytes, cancellationToken);
        try
        {
            string? Given(string name) => upload.Fields.GetValueOrDefault(name) ?? (string?)request.Query[name];
            var document = new DocumentRef(id, upload.Content.Sha256, upload.Content.Length, upload.MediaType);
            var ask = new RecognizeTemplate(document, Whole(Given("max_candidates")), Fraction(Given("confidence_threshold")));
            await check.DemandAsync(id, upload, isKept: true, cancellationToken);
            return TypedResults.Ok(await mediator.Send(new Command(ask), cancellationToken));
        }
        finally
        {
            // What was recognised is accepted, and no longer staged
            await content.DiscardStagedAsync(id, CancellationToken.None);
        }
    }

    private static int? Whole(string? given) => string.IsNullOrEmpty(given) ? null
        : int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw DoxException.Invalid("max_candidates", "max_candidates must be 1 to 100.");

    private static double? Fraction(string? given) => string.IsNullOrEmpty(given) ? null
        : double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : throw DoxException.Invalid("confidence_threshold", "confidence_threshold must be 0 to 1.");
}
