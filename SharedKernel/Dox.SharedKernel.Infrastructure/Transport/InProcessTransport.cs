using Dox.SharedKernel.Infrastructure.Dispatch;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Transport;

/// <summary>Carries messages between modules of one process.</summary>
internal sealed class InProcessTransport(RequestDispatcher requests, DeliveryDispatcher deliveries, IOptions<TransportOptions> options) : ITransport
{
    // The receiving side makes a scope of its own although we are in the same process: the handler must not see the
    // caller's DbContext, or it would work here and fail once the module is moved out.
    public async Task<Reply> RequestAsync(string module, Envelope envelope, CancellationToken cancellationToken)
    {
        var roundTrip = options.Value.RoundTripJson;
        var reply = await requests.HandleAsync(module, roundTrip ? envelope.Encoded() : envelope, cancellationToken);
        return roundTrip ? reply.Encoded() : reply;
    }

    public Task<IReadOnlyList<Fault?>> DeliverAsync(string module, IReadOnlyList<Envelope> batch, CancellationToken cancellationToken) =>
        deliveries.HandleAsync(module, batch, cancellationToken);
}
