using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Webhooks;

/// <summary>Finds a host's addresses.</summary>
internal delegate Task<IPAddress[]> ResolveHost(string host, CancellationToken cancellationToken);

/// <summary>
/// Connections to addresses that subscribers named. Every address of the name is looked at when the connection is made, and it is made to one of those
/// that were looked at: a name that resolves otherwise a moment later gains nothing. Redirects aren't followed, and no proxy asks for us.
/// </summary>
internal sealed class GuardedConnections(IOptions<WebhookOptions> options, ResolveHost resolve)
{
    /// <summary>Whether the host is one of those that may be inside the network.</summary>
    public bool IsAllowed(string host, int port) => options.Value.AllowedHosts.Any(allowed =>
        string.Equals(allowed, host, StringComparison.OrdinalIgnoreCase) || string.Equals(allowed, $"{host}:{port}", StringComparison.OrdinalIgnoreCase));

    public SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        MaxResponseHeadersLength = 16,
        MaxResponseDrainSize = 0,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        ConnectTimeout = options.Value.Timeout,
        ConnectCallback = async (context, cancellationToken) => await ConnectAsync(context.DnsEndPoint, cancellationToken),
    };

    private async Task<NetworkStream> ConnectAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(target.Host.Trim('[', ']'), out var literal) ? [literal] : await resolve(target.Host, cancellationToken);
        if (addresses.Length == 0) throw new ForbiddenAddressException($"{target.Host} has no address.");
        if (!IsAllowed(target.Host, target.Port) && Array.Find(addresses, a => !PublicAddresses.Contains(a)) is not null)
            throw new ForbiddenAddressException($"{target.Host} is inside the network. Dox:Webhooks:AllowedHosts lists the hosts that may be.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The address isn't one that DOX calls for a subscriber.</summary>
internal sealed class ForbiddenAddressException(string message) : Exception(message);
