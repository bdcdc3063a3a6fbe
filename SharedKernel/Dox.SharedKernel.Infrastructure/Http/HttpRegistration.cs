using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.SharedKernel.Infrastructure.Http;

/// <summary>What holds for all of HTTP: JSON, problems, request ids, headers.</summary>
public static class HttpRegistration
{
    /// <summary>Registers it.</summary>
    public static void AddDoxHttp(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(o => DoxJson.Apply(o.SerializerOptions));
        // Thrown in every environment, so that the answer doesn't depend on it.
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.AddProblemDetails(o => o.CustomizeProblemDetails = context => ProblemShape.Complete(context.HttpContext, context.ProblemDetails));
        services.AddExceptionHandler<FaultHandler>();
    }

    /// <summary>Puts it at the head of the pipeline.</summary>
    public static void UseDoxHttp(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseMiddleware<RequestIdMiddleware>();
        app.UseMiddleware<SecurityHeadersMiddleware>();
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => ProblemShape.WriteAsync(
            context.HttpContext,
            context.HttpContext.Response.StatusCode == StatusCodes.Status400BadRequest && BadRequests.Unread(context.HttpContext) is { } unread
                ? ProblemShape.Of(unread)
                : ProblemShape.Of(context.HttpContext.Response.StatusCode)));
        app.UseMiddleware<CharacterMiddleware>();
    }
}
