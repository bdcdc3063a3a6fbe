using System.Diagnostics;
using Dox.SharedKernel.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.SharedKernel.Infrastructure.Http;

/// <summary>What a problem looks like on the wire: RFC 9457, and beside it the members that clients of the earlier services read.</summary>
public static class ProblemShape
{
    private static readonly Dictionary<int, (string Code, string Message)> s_plain = new()
    {
        [400] = ("bad_request", "The request can't be understood."),
        [401] = ("unauthenticated", "Say who you are: send X-API-Key, or Authorization: Bearer with a token."),
        [403] = ("forbidden", "You may not do this."),
        [404] = ("not_found", "There is nothing at this address. /docs lists what there is."),
        [405] = ("method_not_allowed", "This address doesn't answer that method. The Allow header lists those that it does."),
        [406] = ("not_acceptable", "The answer can't be given in the form that was asked for."),
        [408] = ("request_timeout", "The request came too slowly."),
        [411] = ("length_required", "Say how long the body is, or send it in chunks."),
        [413] = ("request_too_large", "The body is larger than DOX takes."),
        [414] = ("address_too_long", "The address is too long."),
        [415] = ("unsupported_media_type", "The body's Content-Type isn't one that this address takes."),
        [416] = ("range_not_satisfiable", "The content has no such range."),
        [429] = ("too_many_requests", "Too many requests; wait, then try again."),
        [431] = ("headers_too_large", "The headers are too large."),
        [500] = ("internal_error", "Something went wrong in DOX. Its log tells what, under the trace id."),
        [503] = ("unavailable", "DOX can't answer now; try again later."),
        [504] = ("no_answer_in_time", "No answer came in time."),
    };

    /// <summary>A problem for a status alone.</summary>
    public static ProblemDetails Of(int status, string? code = null, string? message = null)
    {
        var (plainCode, plainMessage) = s_plain.TryGetValue(status, out var plain) ? plain : ($"http_{status}", ReasonPhrases.GetReasonPhrase(status));
        return new ProblemDetails
        {
            Status = status,
            Title = ReasonPhrases.GetReasonPhrase(status),
            Detail = message ?? plainMessage,
            Extensions = { ["code"] = code ?? plainCode },
        };
    }

    /// <summary>The problem that a fault is told as.</summary>
    public static ProblemDetails Of(DoxException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var problem = Of(fault.Status, fault.Code, fault.Message);
        if (fault.Findings.Count > 0) problem.Extensions["errors"] = fault.Findings;

        var details = new Dictionary<string, object?>(StringComparer.Ordinal) { ["type"] = fault.Code, ["message"] = fault.Message };
        if (fault.Findings is [var first, ..])
        {
            details["rule_violated"] = first.Step;
            if (first.Provided is not null) details["provided"] = first.Provided;
            if (first.MaxAllowed is not null) details["max_allowed"] = first.MaxAllowed;
        }

        foreach (var (name, value) in fault.Details) details[name] = value;
        problem.Extensions["details"] = details;
        return problem;
    }

    /// <summary>Adds what every problem has, whoever made it.</summary>
    public static void Complete(HttpContext context, ProblemDetails problem)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(problem);
        problem.Status ??= context.Response.StatusCode;
        var plain = Of(problem.Status.Value);
        problem.Title ??= plain.Title;
        problem.Detail ??= plain.Detail;
        problem.Instance ??= context.Request.Path;
        var more = problem.Extensions;
        more.TryAdd("code", plain.Extensions["code"]);
        problem.Type = $"urn:dox:problem:{more["code"]}";
        more.TryAdd("error", more["code"]);
        more.TryAdd("message", problem.Detail);
        more.TryAdd("details", new Dictionary<string, object?>(StringComparer.Ordinal) { ["type"] = more["code"], ["message"] = problem.Detail });
        more.TryAdd("request_id", context.TraceIdentifier);
        more.TryAdd("trace_id", Activity.Current?.TraceId.ToString());
        more.TryAdd("timestamp", context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
    }

    /// <summary>Answers with the problem, whatever the client accepts.</summary>
    public static Task WriteAsync(HttpContext context, ProblemDetails problem, TimeSpan? retryAfter = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(problem);
        Complete(context, problem);
        context.Response.StatusCode = problem.Status!.Value;
        // Rounded up: who comes back at the second that was named must be let in.
        if (retryAfter is { } wait) context.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString();
        return context.Response.WriteAsJsonAsync(problem, DoxJson.Options, "application/problem+json", context.RequestAborted);
    }
}
