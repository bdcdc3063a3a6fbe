using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.Validation.Contracts;
using Dox.Validation.Steps;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Validation.Files;

/// <summary>What the virus scanner says of a file. Keeps nothing.</summary>
internal static class ScanUpload
{
    [Requires(Role.Submitter)]
    internal sealed record Query(SubmittedFile Document) : IQuery<StepResult>;

    internal sealed class Handler(StepRunner runner, VirusScanStep step) : IRequestHandler<Query, StepResult>
    {
        public Task<StepResult> Handle(Query request, CancellationToken cancellationToken) => runner.RunAsync(step.WithoutKeeping, request.Document, cancellationToken);
    }

    internal sealed record Answer(bool Success, Scan ScanResult, DateTimeOffset Timestamp);

    internal sealed record Scan(
        ScanVerdict ScanResult, double ScanTime, string Scanner, string? SignatureVersion, string FileHash, long FileSize, string? ThreatName, DateTimeOffset Timestamp);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/validate/scan", PostAsync)
            .WithSummary("What the virus scanner says of a file")
            .WithDescription("Multipart with a part named file, or a raw body with its name in X-File-Name. A path on the server isn't taken.")
            .Produces<Answer>().ProducesProblem(400).ProducesProblem(413).ProducesProblem(422).ProducesProblem(429).ProducesProblem(503);

    private static async Task PostAsync(HttpContext http, IMediator mediator, IContentStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (file, step) = await Trial.RunAsync(http.Request, mediator, store, clock, f => new Query(f), cancellationToken);
        var now = clock.GetUtcNow();
        var said = step.VirusScan!;
        var scan = new Scan(said.ScanResult, said.ScanTime, said.Scanner, said.SignatureVersion, $"sha256:{file.Sha256}", file.Length, said.ThreatName, now);
        if (step.Passed)
        {
            await TypedResults.Ok(new Answer(true, scan, now)).ExecuteAsync(http);
            return;
        }

        var problem = ProblemShape.Of(new DoxException(step.HttpStatus, step.Findings[0].Code, step.Findings[0].Message, step.Findings));
        problem.Extensions["success"] = false;
        problem.Extensions["scan_result"] = scan;
        await ProblemShape.WriteAsync(http, problem);
    }
}
