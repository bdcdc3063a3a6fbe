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
        var answer = new WaitAnswer(command.Step, command.Visit, WaitDecision.TryAgain, Reason: $"{command.ChildId} has ended", To: WaitKind.Workflow);
        if (await answers.GiveAsync(db, command.ParentId, answer, cancellationToken)) await db.SaveChangesAsync(cancellationToken);
        else if (IsEarly(command, await db.FindRunAsync(command.ParentId, cancellationToken))) throw DoxException.Unavailable("parent_not_waiting_yet", $"The run {command.ParentId} doesn't wait at '{command.Step}' yet.");
        return Unit.Value;
    }

    /// <summary>Whether a child was faster than the checkpoint with which its parent begins to wait.</summary>
    public static bool IsEarly(ResumeParent command, RunRow? parent)
    {
        if (parent is not OpenRun) return false;
        var state = RunStateJson.Read(parent.State);
        return state.StepsByPath.All(step => step.Path != command.Step || step.Result.Visit < command.Visit) && (state.Cursor == command.Step || state.FanOut is not null);
    }
}
