using System.Reflection;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Modules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Dox.Host.Tests;

/// <summary>A module that keeps nothing, for tests of what the host adds to every module's endpoints.</summary>
public sealed class ProbeModule : IModule
{
    public string Name => "Probe";

    public Assembly Contracts => typeof(ProbeModule).Assembly;

    public void AddServices(IHostApplicationBuilder builder)
    {
    }

    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        api.MapGet("/probe/caller", (CallContext call) => TypedResults.Ok(call.Caller));
        api.MapGet("/probe/documents/{id}", (Id<Document> id) => TypedResults.Ok(id));
        api.MapGet("/probe/pages", (int page) => TypedResults.Ok(page));
        api.MapPost("/probe/body", (ProbeBody body) => TypedResults.Ok(body));
        api.MapGet("/probe/fault", string () => throw new DoxException(
            429, "rate_limited", "Too many.", [new Finding("rate_limit", "user_limit", "Too many.", "101", "100")])
        { RetryAfter = TimeSpan.FromSeconds(1.2) });
        api.MapGet("/probe/bug", string () => throw new InvalidOperationException("A detail that is nobody's business."));
        api.MapPost("/probe/length", async (HttpRequest request) =>
        {
            await using var into = new MemoryStream();
            await request.Body.CopyToAsync(into);
            return TypedResults.Ok(into.Length);
        });
    }
}

public sealed record ProbeBody(string FirstName, int Count, Role Role);
