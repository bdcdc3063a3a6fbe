using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dox.Orchestration.Workflows;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.Workflows.Rules;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Triggers;

/// <summary>Starts rules that something else than a person starts; the same key starts one run, whichever process comes with it.</summary>
internal sealed class TriggeredStarts(IServiceScopeFactory scopes, ILogger<TriggeredStarts> log)
{
    private const int LongestKey = 200;

    /// <returns>False: the rule refuses, which no repeat would change; the log says why.</returns>
    public async Task<bool> StartAsync(
        Rule rule, RuleTriggerType trigger, string by, string key, string account, JsonObject context, CancellationToken cancellationToken, int depth = 0)
    {
        await using var scope = scopes.CreateAsyncScope();
        var call = scope.ServiceProvider.GetRequiredService<CallContext>();
        (call.Module, call.Caller) = ("Orchestration", Caller.System with { Account = account });
        try
        {
            var started = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(
                new StartWorkflow.Command(rule.Name, context) { IdempotencyKey = Fit(key), Trigger = trigger, TriggeredBy = by, Depth = depth }, cancellationToken);
            if (!started.Duplicate) log.LogInformation("{By} started {Run} of {Rule}", by, started.WorkflowId, rule);
            return true;
        }
        catch (DoxException e) when (e.Status is >= 400 and < 500 and not 408 and not 429)
        {
            log.LogWarning("{By} doesn't start {Rule}: {Reason}", by, rule, e.Message);
            return false;
        }
    }

    private static string Fit(string key) => key.Length <= LongestKey ? key : $"{key[..100]}#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";
}
