using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.Validation.Contracts;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Validation.Files;

/// <summary>Whether a file would be taken, and all that speaks against it. Keeps nothing.</summary>
internal static class ValidateUpload
{
    [Requires(Role.Submitter)]
    internal sealed record Query(SubmittedFile Document) : IQuery<ValidationResult>;

    internal sealed record Answer(bool Success, ValidationResult ValidationResult, DateTimeOffset Timestamp);

    internal sealed class Handler(FileValidation validation) : IRequestHandler<Query, ValidationResult>
    {
        public Task<ValidationResult> Handle(Query request, CancellationToken cancellationToken) => validation.RunAsync(request.Document, kept: false, cancellationToken);
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/validate/file", PostAsync)
            .WithSummary("Whether a file would be taken, and all that speaks against it")
            .WithDescription("Multipart with a part named file, or a raw body with its name in X-File-Name. A refusal has the status that an upload would get, and the same result in it.")
            .Produces<Answer>().ProducesProblem(400).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422).ProducesProblem(429).ProducesProblem(503);

    private static async Task PostAsync(HttpContext http, IMediator mediator, IContentStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (_, result) = await Trial.RunAsync(http.Request, mediator, store, clock, file => new Query(file), cancellationToken);
        if (result.Passed)
        {
            await TypedResults.Ok(new Answer(true, result, clock.GetUtcNow())).ExecuteAsync(http);
            return;
        }

        var status = ValidationTelemetry.Name(result.FinalStatus);
        var problem = ProblemShape.Of(new DoxException(result.HttpStatus, status, result.Errors[0].Message, result.Errors));
        problem.Extensions["success"] = false;
        problem.Extensions["validation_result"] = result;
        await ProblemShape.WriteAsync(http, problem, result.RateLimitInfo is { WithinLimit: false } limit ? TimeSpan.FromSeconds(limit.RetryAfterSeconds) : null);
    }
}
