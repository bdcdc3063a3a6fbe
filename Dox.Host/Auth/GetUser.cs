using Dox.Orchestration.Contracts;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using MediatR;

namespace Dox.Host.Auth;

/// <summary>Who somebody is, by the name that documents, reviews and the audit say. Tokens are made elsewhere: of their bearers DOX knows only the one who asks.</summary>
internal static class GetUser
{
    internal sealed record Answer(bool Success, UserView User, DateTimeOffset Timestamp);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/auth/user/{id}", async (string id, CallContext call, IServiceScopeFactory scopes, TimeProvider clock, CancellationToken cancellationToken) =>
                TypedResults.Ok(new Answer(true, UserView.Of(await FindAsync(id, call.Caller, scopes, cancellationToken)), clock.GetUtcNow())))
            .WithSummary("Who somebody is: the one who asks, or, for administrators, whoever has a key.")
            .WithTags(UserView.Tag)
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status404NotFound);

    // Others' names are an administrator's to know, and that they exist too
    private static async Task<Caller> FindAsync(string id, Caller asks, IServiceScopeFactory scopes, CancellationToken cancellationToken)
    {
        if (id == asks.User) return asks;
        if (!asks.Holds(Role.Admin)) throw DoxException.NotFound("user", id);
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallContext>().Caller = Caller.System;
        return (await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new FindKeyHolder(id), cancellationToken)).Holder ?? throw DoxException.NotFound("user", id);
    }
}
