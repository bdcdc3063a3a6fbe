using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TemplateMatching.Templates;

/// <summary>Takes a template out of force. Its versions are kept, and any of them can be put back.</summary>
internal static class DeleteTemplate
{
    [Requires(Role.Author)]
    internal sealed record Command(string Id, string? Reason) : ICommand<PublishTemplate.Answer>;

    internal sealed class Handler(TemplateMatchingDbContext db, TemplateCatalog catalog, CallContext call, TimeProvider clock)
        : IRequestHandler<Command, PublishTemplate.Answer>
    {
        public async Task<PublishTemplate.Answer> Handle(Command command, CancellationToken cancellationToken)
        {
            TemplateSource.DemandOwn(catalog, command.Id);
            TemplateVersion version;
            await using (var write = await db.BeginWriteAsync(cancellationToken))
            {
                if (await db.LatestOfAsync(command.Id, cancellationToken) is not { Source: not null }) throw DoxException.NotFound("template", command.Id);
                version = await db.AddAsync(
                    new TemplateChange(command.Id, TemplateOrigin.Withdrawn, null, Reason: TemplateSource.Checked(command.Reason)), call.Caller, clock, cancellationToken);
                await write.CommitAsync(cancellationToken);
            }

            await catalog.ReloadAsync(cancellationToken);
            return PublishTemplate.Answer.Of(version, clock.GetUtcNow());
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapDelete("/templates/{id}", async (string id, string? reason, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id, reason), cancellationToken)))
            .WithSummary("Takes a template out of force; its versions are kept")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
}
