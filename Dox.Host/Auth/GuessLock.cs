using System.Net;
using Microsoft.Extensions.Options;

namespace Dox.Host.Auth;

/// <summary>Shuts an address out that sent too many wrong keys. It remembers so many addresses at most: the oldest go first.</summary>
internal sealed class GuessLock(IOptions<AuthOptions> options, TimeProvider clock)
{
    private const int MostAddresses = 10_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Attempts>> _byAddress = new(StringComparer.Ordinal);
    private readonly LinkedList<Attempts> _oldestFirst = new();

    /// <summary>How long the address is shut out yet; null where it isn't.</summary>
    public TimeSpan? LockedFor(IPAddress? address)
    {
        lock (_lock)
        {
            if (!_byAddress.TryGetValue(KeyOf(address), out var node)) return null;
            var left = node.Value.Until - clock.GetUtcNow();
            return left > TimeSpan.Zero && node.Value.Failed >= options.Value.LockoutAttempts ? left : null;
        }
    }

    public void Failed(IPAddress? address)
    {
        var key = KeyOf(address);
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            var failed = 1;
            if (_byAddress.Remove(key, out var known))
            {
                _oldestFirst.Remove(known);
                if (known.Value.Until > now) failed = known.Value.Failed + 1;
            }

            while (_byAddress.Count >= MostAddresses)
            {
                _byAddress.Remove(_oldestFirst.First!.Value.Address);
                _oldestFirst.RemoveFirst();
            }

            _byAddress[key] = _oldestFirst.AddLast(new Attempts(key, failed, now + options.Value.LockoutWindow));
        }
    }

    // Whoever has one IPv6 address has its whole /64.
    private static string KeyOf(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }

    private sealed record Attempts(string Address, int Failed, DateTimeOffset Until);
}
