using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Events;
using Dox.SharedKernel;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Observability;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Services;

/// <summary>What is known of a service.</summary>
/// <param name="Status"><c>healthy</c>, <c>unhealthy</c> or <c>error</c>: it can't be asked.</param>
internal sealed record ServiceState(string Status, DateTimeOffset LastCheck, double ResponseTimeMs, string? Error);

/// <summary>Asks the services how they fare; each process for itself, and the one that leads tells subscribers what changed.</summary>
internal sealed class ServiceHealth : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, ServiceState> _states = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _told = new(StringComparer.Ordinal);
    private readonly ServiceDirectory _services;
    private readonly ModuleSet _modules;
    private readonly FeedLead _lead;
    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _clock;
    private readonly ILogger<ServiceHealth> _log;

    public ServiceHealth(ServiceDirectory services, ModuleSet modules, FeedLead lead, IServiceScopeFactory scopes, TimeProvider clock, ILogger<ServiceHealth> log)
    {
        (_services, _modules, _lead, _scopes, _clock, _log) = (services, modules, lead, scopes, clock, log);
        DoxTelemetry.Meter("Orchestration").CreateObservableGauge(
            "service_health_status", () => _states.Select(s => new Measurement<int>(s.Value.Status == "healthy" ? 1 : 0, new KeyValuePair<string, object?>("service", s.Key))),
            description: "1 while the service is healthy.");
    }

    public IReadOnlyDictionary<string, ServiceState> States => _states;

    /// <summary>Whether every service that the text names answers; one that wasn't asked yet is given the benefit of the doubt.</summary>
    public bool AreReady(string text) => _services.Names.Where(n => Names(text, n)).All(n => !_states.TryGetValue(n, out var state) || state.Status == "healthy");

    /// <summary>Asks all of them now.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => Task.WhenAll(_services.Names.Select(name => CheckAsync(name, cancellationToken)));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await CheckAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                _log.LogWarning(e, "The services can't be asked how they fare");
            }

            await Task.Delay(Interval, _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A name within a longer one is another service's.
    private static bool Names(string text, string service)
    {
        for (var at = text.IndexOf(service, StringComparison.Ordinal); at >= 0; at = text.IndexOf(service, at + 1, StringComparison.Ordinal))
        {
            var end = at + service.Length;
            if ((at == 0 || !IsInName(text[at - 1])) && (end == text.Length || !IsInName(text[end]))) return true;
        }

        return false;
    }

    private static bool IsInName(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    private async Task CheckAsync(string name, CancellationToken cancellationToken)
    {
        var began = _clock.GetTimestamp();
        // A module that another process hosts is asked by its calls alone: their failure says it soon enough.
        var (status, error) = _services.Find(name) is { } http
            ? await http.CheckAsync(cancellationToken)
            : ("healthy", _modules.Hosts(_services.ModuleOf(name)!) ? null : "Another process answers for it.");
        var state = new ServiceState(status, _clock.GetUtcNow(), _clock.GetElapsedTime(began).TotalMilliseconds, error);
        var before = _states.GetValueOrDefault(name);
        _states[name] = state;
        if (_told.GetValueOrDefault(name, "healthy") == status) return;
        if (!_lead.IsHeld)
        {
            // Who has the lead tells it. At the start nobody may have it yet: then the next look does.
            if (before is not null) _told[name] = status;
            return;
        }

        _told[name] = status;
        _log.LogWarning("{Service} is {Status} now. {Error}", name, status, error);
        await TellAsync(name, state, cancellationToken);
    }

    private async Task TellAsync(string name, ServiceState state, CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        db.RaisedEvents.Add(new RaisedEvent
        {
            EventId = Id<Happening>.New(_clock),
            Bucket = Bucket.Of(Caller.System.Account),
            Type = EventType.ServiceHealthChanged,
            Data = new JsonObject { ["service_name"] = name, ["health_status"] = state.Status, ["response_time_ms"] = state.ResponseTimeMs, ["error"] = state.Error }.ToJsonString(DoxJson.Options),
            Service = EventRendering.Teller,
            Occurred = state.LastCheck,
        });
        await db.SaveChangesAsync(cancellationToken);
    }
}
