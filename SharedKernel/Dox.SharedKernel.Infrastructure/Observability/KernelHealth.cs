using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.SharedKernel.Infrastructure.Transport.Redis;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dox.SharedKernel.Infrastructure.Observability;

/// <summary>The kernel's parts of <c>/health</c>, by the names that earlier clients know.</summary>
public static class KernelHealth
{
    /// <summary>On checks without which this process can't serve: <c>/health/ready</c> asks them too.</summary>
    public const string ReadyTag = "ready";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Registers them.</summary>
    public static IHealthChecksBuilder AddKernelHealth(this IHealthChecksBuilder checks)
    {
        ArgumentNullException.ThrowIfNull(checks);
        return checks
            .AddCheck<Databases>("state_manager", HealthStatus.Unhealthy, [ReadyTag], Limit)
            .AddCheck<Outboxes>("event_publisher", HealthStatus.Degraded, [], Limit)
            .AddCheck<Connector>("service_connector", HealthStatus.Unhealthy, [ReadyTag], Limit)
            .AddCheck<Redis>("redis", HealthStatus.Degraded, [], Limit);
    }

    /// <summary>Do the modules' databases answer?</summary>
    private sealed class Databases(IServiceScopeFactory scopes, ModuleDatabases databases) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            foreach (var module in databases.Modules)
            {
                await using var scope = scopes.CreateAsyncScope();
                if (!await databases.ContextOf(scope.ServiceProvider, module).Database.CanConnectAsync(cancellationToken))
                    return new(context.Registration.FailureStatus, $"The database of {module} doesn't answer.");
            }

            return HealthCheckResult.Healthy();
        }
    }

    /// <summary>Do messages leave the modules?</summary>
    private sealed class Outboxes(IServiceScopeFactory scopes, ModuleDatabases databases, TimeProvider clock) : IHealthCheck
    {
        private static readonly TimeSpan Late = TimeSpan.FromMinutes(2);

        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var since = clock.GetUtcNow() - Late;
            foreach (var module in databases.Modules)
            {
                await using var scope = scopes.CreateAsyncScope();
                var outbox = databases.ContextOf(scope.ServiceProvider, module).Outbox;
                if (await outbox.AnyAsync(m => m.Dead == null && m.Occurred < since, cancellationToken))
                    return new(context.Registration.FailureStatus, $"Messages of {module} have waited for more than {Late.TotalMinutes:0} minutes.");
                if (await outbox.AnyAsync(m => m.Dead != null, cancellationToken))
                    return new(context.Registration.FailureStatus, $"Messages of {module} were given up.");
            }

            return HealthCheckResult.Healthy();
        }
    }

    /// <summary>Can the other modules be reached?</summary>
    private sealed class Connector(IOptions<TransportOptions> transport, RedisConnections redis) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            transport.Value.Kind == TransportKind.InProcess ? HealthCheckResult.Healthy("All modules are in this process.")
            : await AnswersAsync(redis, cancellationToken) is { } problem ? new(context.Registration.FailureStatus, problem)
            : HealthCheckResult.Healthy("Modules are reached over Redis.");
    }

    /// <summary>Does Redis answer, where there is one?</summary>
    private sealed class Redis(RedisConnections redis) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            string.IsNullOrWhiteSpace(redis.Options.Host) ? HealthCheckResult.Healthy("Not configured: nothing needs it.")
            : await AnswersAsync(redis, cancellationToken) is { } problem ? new(context.Registration.FailureStatus, problem)
            : HealthCheckResult.Healthy();
    }

    private static async Task<string?> AnswersAsync(RedisConnections redis, CancellationToken cancellationToken)
    {
        try
        {
            await (await redis.SharedAsync()).PingAsync().WaitAsync(cancellationToken);
            return null;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            return "Redis doesn't answer.";
        }
    }
}
