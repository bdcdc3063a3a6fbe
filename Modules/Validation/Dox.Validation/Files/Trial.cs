using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Dispatch;
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
    internal sealed record Enter(Id<Document> Id) : ICommand<long>;

    internal sealed class EnterHandler(RateLimiter limiter, CallContext call, IOptions<ValidationOptions> options) : IRequestHandler<Enter, long>
    {
        public async Task<long> Handle(Enter request, CancellationToken cancellationToken)
        {
            var info = await limiter.CountAsync(Quota.Validations, request.Id, call.Caller, cancellationToken);
            if (info.WithinLimit) return options.Value.MaxFileSize;
            throw new DoxException(429, "rate_limit_exceeded", $"You have had {info.UserCount} files looked at in {info.WindowHours} hours. Try again in {info.RetryAfterSeconds} s.")
            {
                RetryAfter = TimeSpan.FromSeconds(info.RetryAfterSeconds),
            };
        }
    }

    /// <summary>Takes the request's file in, has it looked at, and drops it.</summary>
    public static async Task<(SubmittedFile File, TResult Result)> RunAsync<TResult>(
        HttpRequest http, IMediator mediator, IContentStore store, TimeProvider clock, Func<SubmittedFile, IRequest<TResult>> look, CancellationToken cancellationToken)
    {
        var id = Id<Document>.New(clock);
        var maxBytes = await mediator.Send(new Enter(id), cancellationToken);
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
}
