using System.Net;
using System.Net.Sockets;

namespace Dox.Validation.Scanning;

/// <summary>Where a clamd listens: a host and port, or the path of a socket.</summary>
internal sealed record ClamdAddress(string Host, int Port)
{
    private const string UsualSocket = "/var/run/clamav/clamd.ctl";

    private bool IsSocket => Host.StartsWith('/');

    /// <summary>Where to look for clamd, best first.</summary>
    public static IReadOnlyList<ClamdAddress> From(ClamAvOptions options) => string.IsNullOrWhiteSpace(options.Host)
        ? [new(UsualSocket, 0), new(IPAddress.Loopback.ToString(), options.Port)]
        : [new(options.Host.Trim(), options.Port)];

    public async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = IsSocket ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await (IsSocket ? socket.ConnectAsync(new UnixDomainSocketEndPoint(Host), cancellationToken) : socket.ConnectAsync(Host, Port, cancellationToken));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override string ToString() => IsSocket ? Host : $"{Host}:{Port}";
}
