using Dox.Orchestration.Contracts;
using Dox.Orchestration.Engine.Operations;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using MediatR;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Workflows;

/// <summary>Cancels a run for DOX itself, as an operator would.</summary>
internal sealed class EndRunHandler(RunOperations operations, ILogger<EndRunHandler> log) : IRequestHandler<EndRun, Unit>
{
    public async Task<Unit> Handle(EndRun command, CancellationToken cancellationToken)
    {
        try
        {
            await operations.DoAsync(new OperationRequest(Verb.Cancel, command.WorkflowId, Caller.System) { Reason = command.Reason }, cancellationToken);
        }
        catch (DoxException e) when (e.Code is "workflow_state_conflict" || e.Status == 404)
        {
            log.LogInformation("The run {Run} isn't cancelled: it has ended", command.WorkflowId);
        }

        return Unit.Value;
    }
}
