using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Engine;
using Dox.SharedKernel;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.Workflows.Interpretation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Rules;

/// <summary>Turns a step into a module's message: parameters bound by name, the run's account as the caller, the attempt's idempotency key with it.</summary>
internal sealed class ModuleCall(IServiceScopeFactory scopes)
{
    /// <summary>Sends the message that <paramref name="given"/> makes of <paramref name="type"/>; a fault is a failed step.</summary>
    public async Task<StepOutcome> SendAsync(MessageType type, JsonObject given, StepCall call, CancellationToken cancellationToken)
    {
        object message;
        try
        {
            message = Bind(type, given, call);
        }
        catch (JsonException e)
        {
            return StepOutcome.Failure("invalid_parameter", $"'{call.Step.Name}' doesn't give {type.Name} what it needs: {e.Message}", 400, retryable: false);
        }

        return await SendAsync(type, message, call, cancellationToken);
    }

    /// <summary>Sends the message.</summary>
    public async Task<StepOutcome> SendAsync(MessageType type, object message, StepCall call, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<CallContext>();
        context.Module = "Orchestration";
        context.Caller = CallerOf(call.Run);
        context.Deadline = call.Deadline;
        context.IdempotencyKey = call.IdempotencyKey;
        try
        {
            var result = await type.SendAsync(scope.ServiceProvider.GetRequiredService<IMediator>(), message, cancellationToken);
            return StepOutcome.Success(type.ResultType == typeof(Unit) ? null : JsonSerializer.SerializeToNode(result, type.ResultType!, DoxJson.Options));
        }
        catch (DoxException e)
        {
            var findings = e.Findings.Count == 0 ? null : JsonSerializer.SerializeToNode(e.Findings, DoxJson.Options);
            return StepOutcome.Failure(e.Code, e.Message, e.Status, findings, retryable: e.Status is >= 500 or 408 or 429);
        }
    }

    /// <summary>DOX itself, on behalf of whoever started the run: quotas and audit see that one.</summary>
    private static Caller CallerOf(RunState run) =>
        Causation.CallerOf(run, (string?)run.Facts?["user_id"] ?? "system", (string?)run.Facts?["account_id"] ?? "system");

    // From the call first, the run's context second, the rule's constants last.
    private static object Bind(MessageType type, JsonObject given, StepCall call)
    {
        var bound = new JsonObject();
        foreach (var (name, _) in ParametersOf(type))
        {
            if (given.TryGetPropertyValue(name, out var value) || call.TryRead(name, out value)) bound[name] = value?.DeepClone();
        }

        return bound.Deserialize(type.Type, DoxJson.Options)!;
    }

    /// <summary>A message's parameters as rules name them, the required ones first.</summary>
    public static ImmutableArray<(string Name, bool Required)> ParametersOf(MessageType type) =>
    [
        .. type.Type.GetConstructors().MaxBy(c => c.GetParameters().Length)!.GetParameters()
            .Select(p => (JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name!), !p.HasDefaultValue)),
    ];
}
