using Dox.Orchestration.Contracts;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Operations;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules.Actions;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.Workflows.Interpretation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Workflows;

/// <summary>The child is cancelled by an act of its own. One that hasn't begun never will: its start finds its key used.</summary>
internal sealed class CancelChildHandler(OrchestrationDbContext db, RunOperations operations, CallContext call, TimeProvider clock, ILogger<CancelChildHandler> log)
    : IRequestHandler<CancelChild, Unit>
{
    public async Task<Unit> Handle(CancelChild command, CancellationToken cancellationToken)
    {
        var (account, key) = (call.Caller.Account, StartChildRun.KeyOf(command.ParentId, command.Step, command.Visit));
        var start = await db.StartKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Account == account && k.Key == key, cancellationToken);
        if (start is null)
        {
            db.StartKeys.Add(new StartKey { Account = account, Key = key, WorkflowId = command.ParentId, Created = clock.GetUtcNow() });
            await db.SaveChangesAsync(cancellationToken);
        }
        else if (start.WorkflowId != command.ParentId && await db.FindRunAsync(start.WorkflowId, cancellationToken) is OpenRun child && ParentStep.Of(RunStateJson.Read(child.State)) is { Waits: true })
        {
            var request = new OperationRequest(Verb.Cancel, child.Id, call.Caller with { User = command.By }) { Reason = $"{command.ParentId}, which started it, waits for it no longer", Rollback = command.Rollback };
            try
            {
                await operations.DoAsync(request, cancellationToken);
            }
            catch (DoxException e) when (e is { Status: 404 or 409, RetryAfter: null })
            {
                log.LogInformation("The run {Run} isn't cancelled with {Parent}: {Why}", child.Id, command.ParentId, e.Message);
            }
        }

        return Unit.Value;
    }
}
