using System.Text.Json.Nodes;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TeamCoordination.MemoryBanks;

/// <summary>A bank as its file stands now.</summary>
internal static class GetMemoryBank
{
    [Requires(Role.Reviewer, Role.Operator, Role.Author)]
    internal sealed record Query(string File) : IQuery<JsonObject>;

    internal sealed class Handler(BankFolder folder, BankSignal signal) : IRequestHandler<Query, JsonObject>
    {
        public async Task<JsonObject> Handle(Query request, CancellationToken cancellationToken)
        {
            if (folder.NameOf(request.File) is not { } file || folder.Locate(file) is not { } path) throw DoxException.NotFound("memory_bank", request.File);
            var content = await File.ReadAllBytesAsync(path, cancellationToken);
            if (BankDocument.TryParse(content, out var problem) is { } document) return document.Root;
            signal.Raise();
            throw DoxException.Unavailable("memory_bank_broken", $"{file} can't be read: {problem}. It is being set aside and rebuilt; ask again.");
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapGet("/memory-banks/{file}", (string file, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(file), ct))
        .WithSummary("A memory bank's content")
        .Produces<JsonObject>().ProducesProblem(StatusCodes.Status404NotFound);
}
