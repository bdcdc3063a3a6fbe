using System.Net;
using System.Net.Sockets;

namespace Dox.Orchestration.Webhooks;

/// <summary>Which addresses are somebody's on the internet: what a subscriber names must not lead into the network that DOX runs in.</summary>
internal static class PublicAddresses
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            // This host, private, shared by carriers, loopback, link-local with the clouds' metadata
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
            // Protocol assignments, documentation, relays, benchmarks, multicast, reserved and broadcast
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            // Of what IPv6 gives to the world: protocol assignments with Teredo, documentation, segment routing
            "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
        }.Select(IPNetwork.Parse),
    ];

    // All that IPv6 gives to the world lies here: loopback, unique local, link-local and multicast addresses don't.
    private static readonly IPNetwork Unicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    public static bool Contains(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return Contains(address.MapToIPv4());
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            var bytes = address.GetAddressBytes();
            // These carry an IPv4 address, and lead to it.
            if (SixToFour.Contains(address)) return Contains(new IPAddress(bytes.AsSpan(2, 4)));
            if (Nat64.Contains(address)) return Contains(new IPAddress(bytes.AsSpan(12, 4)));
            if (!Unicast.Contains(address)) return false;
        }

        return !Array.Exists(NotPublic, n => n.Contains(address));
    }
}
