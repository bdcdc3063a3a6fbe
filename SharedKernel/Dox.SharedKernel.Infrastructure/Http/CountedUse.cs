using Microsoft.AspNetCore.Builder;

namespace Dox.SharedKernel.Infrastructure.Http;

/// <summary>Says of an endpoint that each call counts against a quota of the caller's; the host counts.</summary>
/// <param name="Name">Which quota, for example <c>recognitions</c>.</param>
public sealed record CountedUse(string Name)
{
    /// <summary>Recognising a document anew.</summary>
    public const string Recognitions = "recognitions";

    /// <summary>Starting a run by hand.</summary>
    public const string WorkflowStarts = "workflow_starts";
}

/// <summary>Marks endpoints with <see cref="CountedUse"/>.</summary>
public static class CountedUseMarking
{
    /// <summary>Each call counts against the caller's quota of that name, and is answered with 429 where it is used up.</summary>
    public static TBuilder Counts<TBuilder>(this TBuilder endpoint, string use)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new CountedUse(use));
}
