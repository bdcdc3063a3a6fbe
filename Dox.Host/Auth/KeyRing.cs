using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Dox.Orchestration.Contracts;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Dispatch;
using MediatR;

namespace Dox.Host.Auth;

/// <summary>Knows whose keys are shown here: those that administrators made. Remembers a right one for so long that a revoked one is refused soon.</summary>
internal sealed class KeyRing(IServiceScopeFactory scopes, TimeProvider clock)
{
    private const string Prefix = "dox_";
    private const int Length = 47;
    private const int Most = 10_000;
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (Caller Holder, DateTimeOffset Until)> _known = new(StringComparer.Ordinal);

    /// <summary>Whether it looks like one: nobody is asked about anything else.</summary>
    public static bool IsKey(string sent) => sent.Length == Length && sent.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Who comes with it; null: nobody.</summary>
    public async Task<Caller?> FindAsync(string sent, CancellationToken cancellationToken)
    {
        if (!IsKey(sent)) return null;
        // By its hash: how long that takes tells nothing of the key
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sent)));
        var now = clock.GetUtcNow();
        if (_known.TryGetValue(hash, out var known) && known.Until > now) return known.Holder;

        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallContext>().Caller = Caller.System;
        var holder = (await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new IdentifyKey(hash), cancellationToken)).Holder;
        if (holder is null)
        {
            _known.TryRemove(hash, out _);
            return null;
        }

        if (_known.Count >= Most) _known.Clear();
        _known[hash] = (holder, now + s_fresh);
        return holder;
    }
}
