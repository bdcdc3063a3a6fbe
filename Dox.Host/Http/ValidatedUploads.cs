using System.Text.Json;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Dox.Validation.Contracts;
using MediatR;

namespace Dox.Host.Http;

/// <summary>Has validation look at files that other modules take in. Modules don't ask each other; the host may.</summary>
internal sealed class ValidatedUploads(IMediator mediator) : IUploadCheck
{
    public async Task DemandAsync(Id<Document> id, Upload upload, bool isKept, CancellationToken cancellationToken)
    {
        var file = new SubmittedFile(id, upload.Content.Sha256, upload.Content.Length, upload.MediaType, upload.SubmittedName, upload.DeclaredMediaType);
        var result = await mediator.Send(new ValidateFile(file, IsTrial: !isKept), cancellationToken);
        if (result.Passed) return;
        var first = result.Errors is [var found, ..] ? found : null;
        throw new DoxException(
            result.HttpStatus, first?.Code ?? "file_refused", $"'{upload.SubmittedName}' isn't taken: {first?.Message ?? "it didn't pass validation."}", result.Errors)
        {
            RetryAfter = result.RateLimitInfo is { WithinLimit: false } limit ? TimeSpan.FromSeconds(limit.RetryAfterSeconds) : null,
            Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["final_status"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(result.FinalStatus.ToString()) },
        };
    }
}
