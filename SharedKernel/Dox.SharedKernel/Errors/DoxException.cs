namespace Dox.SharedKernel.Errors;

/// <summary>One thing that is wrong with what was sent.</summary>
/// <param name="Step">The check, or the field, that found it.</param>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Message">For people: what is wrong and what to do.</param>
/// <param name="Provided">What was sent, where that says something.</param>
/// <param name="MaxAllowed">The limit, where there is one.</param>
/// <param name="Evidence">Where and how it shows, for example an offset or a threat's name.</param>
public sealed record Finding(string Step, string Code, string Message, string? Provided = null, string? MaxAllowed = null, string? Evidence = null);

/// <summary>
/// A fault that the caller can understand: it has an HTTP status, a stable code and a sentence, and reaches the caller
/// as the same kind from another process too. Anything else is a bug, and is told as 500 with a trace id alone.
/// </summary>
public class DoxException(int status, string code, string message, IReadOnlyList<Finding>? findings = null, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The HTTP status that says it.</summary>
    public int Status { get; } = status;

    /// <summary>Stable, for programs, for example <c>document_not_found</c>.</summary>
    public string Code { get; } = code;

    /// <summary>All that is wrong, where there is more than the one sentence.</summary>
    public IReadOnlyList<Finding> Findings { get; } = findings ?? [];

    /// <summary>How long to wait before trying again, where that is known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The state that stands in the way, or the like: goes into the problem as it is. Values are text, numbers, booleans.</summary>
    public IReadOnlyDictionary<string, string> Details { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>404: there is no such thing, or the caller mustn't know of it.</summary>
    public static DoxException NotFound(string what, string id) =>
        new(404, $"{what}_not_found", $"There is no {what.Replace('_', ' ')} '{id}'.");

    /// <summary>409: what was asked doesn't fit the present state.</summary>
    public static DoxException Conflict(string code, string message) => new(409, code, message);

    /// <summary>400: what was sent can't be used.</summary>
    public static DoxException Invalid(string code, string message, IReadOnlyList<Finding>? findings = null) => new(400, code, message, findings);

    /// <summary>403: the caller lacks the right.</summary>
    public static DoxException Forbidden(string message) => new(403, "forbidden", message);

    /// <summary>503: something that is needed isn't there now.</summary>
    public static DoxException Unavailable(string code, string message, Exception? inner = null) =>
        new(503, code, message, inner: inner) { RetryAfter = TimeSpan.FromSeconds(5) };

    /// <summary>504: no answer came in time.</summary>
    public static DoxException TimedOut(string message) => new(504, "no_answer_in_time", message);
}
