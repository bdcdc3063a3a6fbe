using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Dox.SharedKernel.Messages;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Dox.Validation.RateLimits;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Files;

/// <summary>A file that is looked at and not kept: staged for as long as that takes. Has a quota of its own.</summary>
internal static class Trial
{
    /// <summary>Lets one more in, before its body is read.</summary>
    [Requires(Role.Submitter)]
    internal sealed record Enter(Id<Document> Id) : ICommand<Entry>;

    /// <param name="MaxFileSize">In bytes.</param>
    /// <param name="Quota">What is left.</param>
    internal sealed record Entry(long MaxFileSize, RateLimitInfo Quota);

    internal sealed class EnterHandler(RateLimiter limiter, CallContext call, IOptions<ValidationOptions> options) : IRequestHandler<Enter, Entry>
    {
        public async Task<Entry> Handle(Enter request, CancellationToken cancellationToken)
        {
            var info = await limiter.CountAsync(Quota.Validations, request.Id, bytes: 0, call.Caller, cancellationToken);
            return new(options.Value.MaxFileSize, info);
        }
    }

    /// <summary>Takes the request's file in, has it looked at, and drops it.</summary>
    public static async Task<(SubmittedFile File, TResult Result)> RunAsync<TResult>(
        HttpRequest http, IMediator mediator, IContentStore store, TimeProvider clock, Func<SubmittedFile, IRequest<TResult>> look, CancellationToken cancellationToken)
    {
        var id = Id<Document>.New(clock);
        var (maxBytes, quota) = await mediator.Send(new Enter(id), cancellationToken);
        WriteQuota(http.HttpContext.Response, quota);
        if (!quota.WithinLimit)
        {
            throw new DoxException(429, "rate_limit_exceeded", $"You have had {quota.UserCount} files looked at in {quota.WindowHours} hours. Try again in {quota.RetryAfterSeconds} s.")
            {
                RetryAfter = TimeSpan.FromSeconds(quota.RetryAfterSeconds),
            };
        }

        var upload = await UploadReader.ReadAsync(http, store, id, maxBytes, cancellationToken);
        try
        {
            var file = new SubmittedFile(id, upload.Content.Sha256, upload.Content.Length, upload.MediaType, upload.SubmittedName, upload.DeclaredMediaType);
            return (file, await mediator.Send(look(file), cancellationToken));
        }
        finally
        {
            await store.DiscardStagedAsync(id, CancellationToken.None);
        }
    }

    private static void WriteQuota(HttpResponse response, RateLimitInfo quota) => RateLimitHeaders.Write(
        response, TimeSpan.FromHours(quota.WindowHours), TimeSpan.FromSeconds(quota.WithinLimit ? quota.ResetSeconds : quota.RetryAfterSeconds),
        new QuotaState("user", quota.UserLimit, quota.UserCount));
}
