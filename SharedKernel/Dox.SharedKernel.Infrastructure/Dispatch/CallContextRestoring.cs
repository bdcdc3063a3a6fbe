using Dox.SharedKernel.Infrastructure.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.SharedKernel.Infrastructure.Dispatch;

internal static class CallContextRestoring
{
    /// <summary>Makes the scope serve the envelope's call: its module, its caller, its deadline, and nothing of the call before it.</summary>
    public static void Restore(this IServiceProvider services, string module, Envelope envelope)
    {
        var call = services.GetRequiredService<CallContext>();
        call.Module = module;
        call.Caller = envelope.Caller;
        call.Deadline = envelope.Deadline;
        call.IdempotencyKey = null;
    }
}
