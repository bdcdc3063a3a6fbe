using Dox.SharedKernel.Errors;
using Microsoft.AspNetCore.Http;

namespace Dox.Orchestration.Workflows.Explaining;

/// <summary>In which form an answer is wanted: <c>format</c> says so, else the <c>Accept</c> header.</summary>
internal static class Forms
{
    /// <exception cref="DoxException">400 where the format is neither <c>json</c> nor <paramref name="name"/>.</exception>
    public static bool Wants(HttpRequest request, string? format, string name, string mediaType)
    {
        if (format is not null)
            return format == name || (format == "json" ? false : throw DoxException.Invalid("invalid_format", $"format is 'json' or '{name}'."));
        var best = request.GetTypedHeaders().Accept.OrderByDescending(accepted => accepted.Quality ?? 1).FirstOrDefault();
        return best is not null && best.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase);
    }
}
