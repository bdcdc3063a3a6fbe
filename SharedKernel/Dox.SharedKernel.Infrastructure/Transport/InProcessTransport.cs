using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Transport;

/// <summary>Carries messages between modules of one process.</summary>
internal sealed class InProcessTransport(
    RequestDispatcher requests, DeliveryDispatcher deliveries, IOptions<TransportOptions> options, TimeProvider clock) : ITransport
{
    // A handler that does heed it gets the time to say so.
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(100);

    // The receiving side makes a scope of its own although we are in the same process: the handler must not see the
    // caller's DbContext, or it would work here and fail once the module is moved out.
    public async Task<Reply> RequestAsync(string module, Envelope envelope, CancellationToken cancellationToken)
    {
        var roundTrip = options.Value.RoundTripJson;
        var answer = requests.HandleAsync(module, roundTrip ? envelope.Encoded() : envelope, cancellationToken);
        try
        {
            // A handler that doesn't heed its deadline goes on alone: whoever asked stops waiting, as over Redis.
            if (envelope.Deadline - clock.GetUtcNow() is { } left && left > TimeSpan.Zero) answer = answer.WaitAsync(left + s_grace, clock, cancellationToken);
            var reply = await answer;
            return roundTrip ? reply.Encoded() : reply;
        }
        catch (TimeoutException)
        {
            throw DoxException.TimedOut($"{module} didn't answer {envelope.Name} in time.");
        }
    }

    public Task<IReadOnlyList<Fault?>> DeliverAsync(string module, IReadOnlyList<Envelope> batch, CancellationToken cancellationToken) =>
        deliveries.HandleAsync(module, batch, cancellationToken);
}
