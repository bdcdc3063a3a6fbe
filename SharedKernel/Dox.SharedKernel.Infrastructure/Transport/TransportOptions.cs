namespace Dox.SharedKernel.Infrastructure.Transport;

/// <summary>How modules reach each other. Section <c>Dox:Transport</c>.</summary>
public sealed class TransportOptions
{
    /// <summary><c>InProcess</c> or <c>Redis</c>.</summary>
    public TransportKind Kind { get; set; } = TransportKind.InProcess;

    /// <summary>In-process messages go through JSON as if they left the process: on in tests, so that what works here works apart.</summary>
    public bool RoundTripJson { get; set; }

    /// <summary>Even modules of this process are reached over Redis: for tests of one transport in one process.</summary>
    public bool AlwaysRemote { get; set; }

    /// <summary>How long a request waits for its answer where the caller sets no deadline.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a subscriber may take to confirm what it was handed, before it is handed over again. A handler has two fifths of it, since a batch
    /// is tried together and then one by one; one that takes longer is given up, and its message counts as failed.
    /// </summary>
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal static IEnumerable<string> Problems(TransportOptions options)
    {
        if (!Enum.IsDefined(options.Kind)) yield return $"Dox:Transport:Kind is {options.Kind}; it must be InProcess or Redis.";
        if (options.RequestTimeout <= TimeSpan.Zero) yield return "Dox:Transport:RequestTimeout must be more than nothing.";
        if (options.DeliveryTimeout <= TimeSpan.Zero) yield return "Dox:Transport:DeliveryTimeout must be more than nothing.";
    }
}

/// <summary>Which transport carries messages between modules that are not in one process.</summary>
public enum TransportKind
{
    /// <summary>All modules are in this process.</summary>
    InProcess,

    /// <summary>Redis streams.</summary>
    Redis,
}
