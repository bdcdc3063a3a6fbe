using System.Text.Json;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.SharedKernel.Infrastructure.Transport.Redis;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dox.SharedKernel.Infrastructure.Observability;

/// <summary>
/// Where modules run apart: tells the other processes over Redis how this one fares, and knows what they told. A process that told nothing for
/// <see cref="Stale"/> isn't there.
/// </summary>
public sealed class SharedHealth : IHealthCheckPublisher
{
    /// <summary>How long what a process told holds.</summary>
    public static readonly TimeSpan Stale = TimeSpan.FromSeconds(60);

    private readonly RedisConnections _connections;
    private readonly ModuleSet _modules;
    private readonly TimeProvider _clock;
    private readonly bool _isOn;
    private readonly string _node;

    internal SharedHealth(RedisConnections connections, ModuleSet modules, IOptions<TransportOptions> transport, TimeProvider clock)
    {
        (_connections, _modules, _clock) = (connections, modules, clock);
        _isOn = transport.Value.Kind == TransportKind.Redis;
        _node = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
    }

    private string Key => $"{_connections.Options.Prefix}:health";

    /// <inheritdoc/>
    public async Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (!_isOn) return;
        var told = new Told(
            [.. _modules.Hosted.Select(m => m.Name)], _clock.GetUtcNow(),
            report.Entries.ToDictionary(e => e.Key, e => new Part(e.Value.Status, e.Value.Description), StringComparer.Ordinal));
        try
        {
            var database = await _connections.SharedAsync();
            await database.HashSetAsync(Key, _node, JsonSerializer.SerializeToUtf8Bytes(told, DoxJson.Options)).WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Nobody hears of this process then; that Redis is away, the check of Redis says.
        }
    }

    /// <summary>
    /// How the modules fare that other processes host: an entry for each, named as the module in snake_case, and the parts that they look after
    /// and this process doesn't. Of several processes the one that fares best counts: it serves.
    /// </summary>
    /// <param name="own">What this process knows by itself.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<IReadOnlyDictionary<string, HealthReportEntry>> ReadAsync(HealthReport own, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(own);
        var parts = new Dictionary<string, HealthReportEntry>(StringComparer.Ordinal);
        if (!_isOn) return parts;
        var apart = _modules.All.Where(m => !_modules.Hosts(m.Name)).Select(m => m.Name).ToList();
        if (apart.Count == 0) return parts;
        var told = await ToldAsync(cancellationToken);
        foreach (var module in apart)
        {
            var hosts = told?.Where(t => t.Modules.Contains(module, StringComparer.Ordinal)).ToList() ?? [];
            var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(module);
            parts[name] = hosts.Count > 0 ? Entry(HealthStatus.Healthy, hosts.Count == 1 ? "Another process answers for it." : $"{hosts.Count} other processes answer for it.")
                : Entry(HealthStatus.Degraded, told is null ? "Redis doesn't answer, so nobody knows." : $"No process that hosts it has told how it fares for {Stale.TotalSeconds:0} seconds.");
            foreach (var (part, state) in hosts.SelectMany(h => h.Parts).Where(p => !own.Entries.ContainsKey(p.Key)))
            {
                // Without it somebody else can't serve; this process can, as far as it goes
                var status = state.Status == HealthStatus.Healthy ? HealthStatus.Healthy : HealthStatus.Degraded;
                if (!parts.TryGetValue(part, out var known) || known.Status < status) parts[part] = Entry(status, state.Description);
            }
        }

        return parts;
    }

    private async Task<List<Told>?> ToldAsync(CancellationToken cancellationToken)
    {
        try
        {
            var database = await _connections.SharedAsync();
            var oldest = _clock.GetUtcNow() - Stale;
            var told = new List<Told>();
            foreach (var entry in await database.HashGetAllAsync(Key).WaitAsync(cancellationToken))
            {
                if (Read(entry.Value) is { } one && one.At > oldest) told.Add(one);
                else await database.HashDeleteAsync(Key, entry.Name, CommandFlags.FireAndForget);
            }

            return told;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return null;
        }
    }

    // Another version's words are nobody's
    private static Told? Read(RedisValue value)
    {
        try
        {
            return JsonSerializer.Deserialize<Told>((byte[])value!, DoxJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static HealthReportEntry Entry(HealthStatus status, string? description) => new(status, description, TimeSpan.Zero, null, null);

    private sealed record Told(IReadOnlyList<string> Modules, DateTimeOffset At, IReadOnlyDictionary<string, Part> Parts);

    private sealed record Part(HealthStatus Status, string? Description);
}
