using System.Text.Json;
using System.Text.Json.Serialization;
using Dox.SharedKernel.Errors;

namespace Dox.SharedKernel.Infrastructure.Transport;

/// <summary>The answer to an envelope: a result, or a fault.</summary>
/// <param name="Body">The result as JSON; empty for a fault, and while it is at hand as <see cref="Result"/>.</param>
/// <param name="Fault">What went wrong.</param>
internal sealed record Reply(ReadOnlyMemory<byte> Body, Fault? Fault = null)
{
    /// <summary>The result itself, where it never left the process.</summary>
    [JsonIgnore]
    public object? Result { get; init; }

    /// <summary>As it leaves the process: the result in <see cref="Body"/> alone.</summary>
    public Reply Encoded() => Result is null
        ? this
        : this with { Body = JsonSerializer.SerializeToUtf8Bytes(Result, Result.GetType(), DoxJson.Options), Result = null };

    /// <summary>The result, or the fault as the exception that it was.</summary>
    /// <exception cref="DoxException">The other side failed.</exception>
    public object? Read(Type resultType)
    {
        if (Fault is not null) throw Fault.ToException();
        return Result ?? (Body.IsEmpty ? null : JsonSerializer.Deserialize(Body.Span, resultType, DoxJson.Options));
    }
}

/// <summary>A failure on the wire: enough to raise it again as the same kind on the other side.</summary>
internal sealed record Fault(
    int Status, string Code, string Message, IReadOnlyList<Finding> Findings, double? RetryAfterSeconds, IReadOnlyDictionary<string, string> Details)
{
    /// <summary>The message didn't get to the handler, or nobody said how it fared: it may be as good as any.</summary>
    [JsonIgnore]
    public bool IsUndelivered { get; init; }

    public static Fault Of(DoxException e) =>
        new(e.Status, e.Code, e.Message, e.Findings, e.RetryAfter?.TotalSeconds, e.Details);

    public static Fault Undelivered(DoxException e) => Of(e) with { IsUndelivered = true };

    public DoxException ToException() => new(Status, Code, Message, Findings)
    {
        RetryAfter = RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        Details = Details,
    };
}
