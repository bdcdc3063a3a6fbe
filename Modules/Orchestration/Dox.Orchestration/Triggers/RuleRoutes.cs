using Dox.Orchestration.Rules;
using Dox.SharedKernel.Infrastructure.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;

namespace Dox.Orchestration.Triggers;

/// <summary>
/// The requests that start rules, as endpoints beside the host's own: they come and go with the rules. Access, limits and problems are those of
/// every endpoint. A route of the host's own comes first, whatever a rule says.
/// </summary>
internal sealed class RuleRoutes : EndpointDataSource, IHostedService, IDisposable
{
    // The host's own have 0
    private const int BehindOwnRoutes = 1;

    private readonly RuleBook _rules;
    private readonly CancellationTokenRegistration _started;
    private CancellationTokenSource _changed = new();
    private IReadOnlyList<(string Method, string Path, string Rule)> _routes = [];
    private volatile IReadOnlyList<Endpoint> _endpoints = [];

    public RuleRoutes(RuleBook rules, IHostApplicationLifetime lifetime)
    {
        _rules = rules;
        _rules.OnChanged = Refresh;
        // Only now the host's own routes are known
        _started = lifetime.ApplicationStarted.Register(_rules.LookTogether);
    }

    public override IReadOnlyList<Endpoint> Endpoints => _endpoints;

    public override IChangeToken GetChangeToken() => new CancellationChangeToken(_changed.Token);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _started.Dispose();
        _changed.Dispose();
    }

    // To build the table of routes anew costs: not for rules that answer the same routes
    private void Refresh()
    {
        var routes = _rules.Loaded.Routes().Select(route => (route.Method, route.Path, route.Rule.Name)).ToList();
        if (routes.SequenceEqual(_routes)) return;
        _routes = routes;
        _endpoints = [.. routes.Select(route => EndpointOf(route.Method, route.Path, route.Name))];
        var before = Interlocked.Exchange(ref _changed, new CancellationTokenSource());
        before.Cancel();
        before.Dispose();
    }

    private static Endpoint EndpointOf(string method, string path, string rule)
    {
        var endpoint = new RouteEndpointBuilder(http => AnswerRequest.HandleAsync(http, rule), RoutePatternFactory.Parse(path), BehindOwnRoutes) { DisplayName = $"{method} {path} of {rule}" };
        endpoint.Metadata.Add(new HttpMethodMetadata([method]));
        endpoint.Metadata.Add(new Mark());
        endpoint.Metadata.Add(new CountedUse(CountedUse.WorkflowStarts));
        return endpoint.Build();
    }

    /// <summary>Says of an endpoint that a rule made it.</summary>
    internal sealed record Mark;
}
