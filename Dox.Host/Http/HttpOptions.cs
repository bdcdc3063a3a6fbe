using System.Net;

namespace Dox.Host.Http;

/// <summary>Section <c>Dox:Http</c>.</summary>
internal sealed class HttpOptions
{
    public const string Section = "Dox:Http";

    /// <summary>0: any free one.</summary>
    public int Port { get; set; } = 5000;

    /// <summary>The address to listen on; <c>*</c> for all.</summary>
    public string Address { get; set; } = "*";

    /// <summary>Whether the ports of the platform's earlier services are listened on too: 5001, 5002, 5003, 5007.</summary>
    public bool EarlierPorts { get; set; }

    /// <summary>Addresses of proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed.</summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>How long a stop says that it isn't ready before it stops taking requests, for load balancers that ask; at most 60 s.</summary>
    public TimeSpan DrainDelay { get; set; }

    public IEnumerable<int> Ports => EarlierPorts ? new[] { Port, 5001, 5002, 5003, 5007 }.Distinct() : [Port];

    public static IEnumerable<string> Problems(HttpOptions options)
    {
        if (options.Port is < 0 or > 65535) yield return $"Dox:Http:Port is {options.Port}; it must be 0 to 65535.";
        if (options.Address != "*" && !IPAddress.TryParse(options.Address, out _)) yield return $"Dox:Http:Address is '{options.Address}'; it must be an IP address, or * for all.";
        foreach (var proxy in options.TrustedProxies.Where(p => !IPAddress.TryParse(p, out _)))
            yield return $"Dox:Http:TrustedProxies holds '{proxy}'; it must list IP addresses.";
        if (options.DrainDelay < TimeSpan.Zero || options.DrainDelay > TimeSpan.FromMinutes(1)) yield return "Dox:Http:DrainDelay must be 0 to 60 seconds.";
    }
}
