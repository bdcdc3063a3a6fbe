using Dox.Orchestration.Contracts;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Errors;
using Dox.Workflows.Interpretation;
using MediatR;

namespace Dox.Orchestration.Workflows;

/// <summary>The step that waits for the child is tried again, and finds it ended.</summary>
internal sealed class ResumeParentHandler(OrchestrationDbContext db, RunAnswers answers) : IRequestHandler<ResumeParent, Unit>
{
    public async Task<Unit> Handle(ResumeParent command, CancellationToken cancellationToken)
    {
        var answer = new WaitAnswer(command.Step, command.Visit, WaitDecision.TryAgain, Reason: $"{command.ChildId} has ended");
        if (await answers.GiveAsync(db, command.ParentId, answer, cancellationToken)) await db.SaveChangesAsync(cancellationToken);
        else if (await IsEarlyAsync(command, cancellationToken)) throw DoxException.Unavailable("parent_not_waiting_yet", $"The run {command.ParentId} doesn't wait at '{command.Step}' yet.");
        return Unit.Value;
    }

    // A child may be faster than the checkpoint with which its parent begins to wait
    private async Task<bool> IsEarlyAsync(ResumeParent command, CancellationToken cancellationToken)
    {
        if (await db.FindRunAsync(command.ParentId, cancellationToken) is not OpenRun row) return false;
        var state = RunStateJson.Read(row.State);
        return state.StepsByPath.All(step => step.Path != command.Step || step.Result.Visit < command.Visit) && (state.Cursor == command.Step || state.FanOut is not null);
    }
}
