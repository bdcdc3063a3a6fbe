using Dox.SharedKernel.Access;

namespace Dox.SharedKernel.Infrastructure.Dispatch;

/// <summary>What a scope knows of the call that it serves. Set once, by the host for an HTTP request and by the kernel for a message.</summary>
public sealed class CallContext
{
    /// <summary>Who asks.</summary>
    public Caller Caller { get; set; } = Caller.Anonymous;

    /// <summary>The module whose code runs in this scope; null in the host.</summary>
    public string? Module { get; set; }

    /// <summary>When the caller stops waiting; null where it doesn't say. UTC.</summary>
    public DateTimeOffset? Deadline { get; set; }

    /// <summary>
    /// Set by who sends a command to another module that may be sent again: a repeat with the same key is answered with the first
    /// one's reply, and has no effect. Applies to what is sent from this scope while it is set; the handler's own scope has none.
    /// </summary>
    public string? IdempotencyKey { get; set; }
}
