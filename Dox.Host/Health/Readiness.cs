using Dox.Host.Http;
using Microsoft.Extensions.Options;

namespace Dox.Host.Health;

/// <summary>Whether this process wants requests: not while it starts, and no more once it is told to stop.</summary>
internal sealed class Readiness(IOptions<HttpOptions> options, TimeProvider clock) : IHostedLifecycleService
{
    private volatile string _state = "starting";

    /// <summary><c>starting</c>, <c>ready</c> or <c>draining</c>.</summary>
    public string State => _state;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _state = "ready";
        return Task.CompletedTask;
    }

    // Before anything else of the host stops: load balancers learn of it while requests are still answered.
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _state = "draining";
        return options.Value.DrainDelay > TimeSpan.Zero
            ? Task.Delay(options.Value.DrainDelay, clock, cancellationToken)
            : Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
