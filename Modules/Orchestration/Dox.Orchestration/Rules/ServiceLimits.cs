using Dox.Workflows.Interpretation;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Rules;

/// <summary>How many steps of this process call a service at once: who comes later waits, in the order in which they came, within its step's time limit.</summary>
internal sealed class ServiceLimits(IOptions<EngineOptions> options) : IDisposable
{
    private readonly Dictionary<string, SemaphoreSlim> _room =
        options.Value.ServiceCalls.ToDictionary(l => l.Key, l => new SemaphoreSlim(l.Value), StringComparer.Ordinal);

    /// <summary>The call, made once there is room for it.</summary>
    public async Task<StepOutcome> WithinAsync(string service, Func<Task<StepOutcome>> call, CancellationToken cancellationToken)
    {
        if (!_room.TryGetValue(service, out var room)) return await call();
        await room.WaitAsync(cancellationToken);
        try
        {
            return await call();
        }
        finally
        {
            room.Release();
        }
    }

    public void Dispose()
    {
        foreach (var room in _room.Values) room.Dispose();
    }
}
