using Dox.SharedKernel.Errors;
using Microsoft.AspNetCore.Http;

namespace Dox.SharedKernel.Infrastructure.Http;

/// <summary>Refuses control characters in an address: PostgreSQL takes no NUL, and a line break could forge a line of a log.</summary>
internal sealed class CharacterMiddleware(RequestDelegate next)
{
    private static readonly DoxException s_fault = DoxException.Invalid(
        "invalid_character", "The address holds a control character, such as %00 or %0A, in its path or in a parameter. Leave it out.");

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var refused = HasControl(request.Path.Value)
            || request.Query.Any(parameter => HasControl(parameter.Key) || parameter.Value.Any(HasControl));
        return refused ? ProblemShape.WriteAsync(context, ProblemShape.Of(s_fault)) : next(context);
    }

    private static bool HasControl(string? text) => text is not null && text.Any(char.IsControl);
}
