namespace Dox.SharedKernel.Infrastructure.Transport;

/// <summary>How messages reach another module: within the process, or over Redis. Modules can't tell which.</summary>
internal interface ITransport
{
    /// <summary>Asks and waits for the answer, until the envelope's deadline.</summary>
    Task<Reply> RequestAsync(string module, Envelope envelope, CancellationToken cancellationToken);

    /// <summary>
    /// Hands one-way messages to a subscriber and returns, for each in order, null when the subscriber has committed it or the fault.
    /// </summary>
    Task<IReadOnlyList<Fault?>> DeliverAsync(string module, IReadOnlyList<Envelope> batch, CancellationToken cancellationToken);
}
