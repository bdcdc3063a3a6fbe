using System.Text.Json.Nodes;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Engine.Operations;

/// <summary>
/// Does to runs what operators ask for. A run that nobody holds is changed in its row, guarded by its token and the journal's length; for one
/// that a node holds, word is left in the row, which the holder meets before its next step. Each is audited in the same transaction.
/// </summary>
internal sealed class RunOperations(
    IRunStore store, RunCheckpoints checkpoints, RuleBook rules, RuleInterpreter interpreter, RunMetrics metrics, EngineSignal signal, TimeProvider clock)
{
    // Each time somebody else was first: a step that ended, another operator. After so many there is no end in sight.
    private const int MostTries = 8;

    /// <exception cref="DoxException">404, or 409 where the run's state doesn't allow it; the problem says what it does.</exception>
    public async Task<OperationResult> DoAsync(OperationRequest request, CancellationToken cancellationToken)
    {
        RunRow? row = null;
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            row = await store.FindAsync(request.Run, cancellationToken);
            if (row is null || !request.By.Sees(row.Account)) throw DoxException.NotFound("workflow", request.Run.ToString());
            var done = row is OpenRun { Owner: not null } held
                ? await LeaveWordAsync(request, held, cancellationToken)
                : await ChangeAsync(request, row);
            if (done is not null) return done;
        }

        throw Refusals.Busy(request.Verb, row!.Status);
    }

    /// <summary>Does to a run that this node holds, between two steps, what an operator left word of.</summary>
    /// <exception cref="LeaseLostException">The run has another owner now.</exception>
    public async Task MeetAsync(HeldRun run, RunIntent intent)
    {
        var pauses = intent.Kind == IntentKind.Pause;
        var operation = pauses
            ? RuleInterpreter.Pause(run.State)
            : interpreter.Cancel(run.Rule, run.State, intent.Reason is null ? $"cancel by {intent.By}" : $"cancel by {intent.By}: {intent.Reason}", intent.Kind == IntentKind.Undo);
        if (operation is null)
        {
            run.Intent = null;
            return;
        }

        var details = operation.Decision is null ? null : new JsonObject { ["decision"] = operation.Decision };
        await checkpoints.MeetAsync(run, new OperatorAct(Verbs.Name(pauses ? Verb.Pause : Verb.Cancel), intent.By, clock.GetUtcNow(), intent.Reason, operation.Step ?? run.State.Cursor, details), operation);
        if (run.State.HasEnded) metrics.Ended(run);
    }

    private async Task<OperationResult?> LeaveWordAsync(OperationRequest request, OpenRun row, CancellationToken cancellationToken)
    {
        if (row.Wish is { Kind: not IntentKind.Pause } ending && request.Verb != Verb.Cancel) throw Refusals.Ending(request.Verb, row.Status, ending.By);
        RunIntent? intent;
        switch (request.Verb)
        {
            case Verb.Pause when row.Wish is null:
                intent = new RunIntent(IntentKind.Pause, request.By.User, request.Reason);
                break;
            case Verb.Cancel when row.Wish is null or { Kind: IntentKind.Pause }:
                intent = new RunIntent(request.Rollback ? IntentKind.Undo : IntentKind.Cancel, request.By.User, request.Reason);
                break;
            case Verb.Resume when row.Wish is { Kind: IntentKind.Pause }:
                intent = null;
                break;
            case Verb.Pause or Verb.Cancel:
                return new(row.Id, row.Status, row.Status, IsPending: true);
            default:
                if (!Verbs.StatesOf(request.Verb).Contains(row.Status)) throw Refusals.NotInState(request.Verb, row.Status);
                throw Refusals.Busy(request.Verb, row.Status);
        }

        var to = request.Verb switch { Verb.Pause => RunStatus.Paused, Verb.Cancel => RunStatus.Cancelled, _ => row.Status };
        var outcome = await store.SetIntentAsync(row.Id, intent, Audit(request, row, to, details: new JsonObject { ["under_way"] = row.CurrentStep }), cancellationToken);
        if (outcome != IntentOutcome.Left) return null;
        signal.RaiseWish();
        return new(row.Id, row.Status, row.Status, IsPending: intent is not null);
    }

    /// <summary>Null: somebody else was first.</summary>
    private async Task<OperationResult?> ChangeAsync(OperationRequest request, RunRow row)
    {
        if (!Verbs.StatesOf(request.Verb).Contains(row.Status)) throw Refusals.NotInState(request.Verb, row.Status);
        var run = HeldRun.Of(row, await rules.PinnedAsync(row.RuleHash, CancellationToken.None));
        var details = new JsonObject();
        var (operation, answer) = Apply(request, run, details);
        if (operation.Decision is not null) details["decision"] = operation.Decision;
        var act = new OperatorAct(Verbs.Name(request.Verb), request.By.User, clock.GetUtcNow(), request.Reason, operation.Step ?? row.CurrentStep, details.Count == 0 ? null : details);
        var audit = Audit(request, row, run.State.Status, details.Count == 0 ? null : details.DeepClone());
        var result = await checkpoints.OperateAsync(run, row is EndedRun, act, operation, audit, answer);
        if (!result.IsWritten) return null;
        if (run.State.HasEnded) metrics.Ended(run);
        else signal.Raise();
        return new(row.Id, row.Status, run.State.Status);
    }

    private (Operation Operation, StepAttempt? Answer) Apply(OperationRequest request, HeldRun run, JsonObject details)
    {
        var (rule, state, from) = (run.Rule, run.State, run.State.Status);
        switch (request.Verb)
        {
            case Verb.Pause: return (RuleInterpreter.Pause(state)!, null);
            case Verb.Resume: return (RuleInterpreter.Resume(state)!, null);
            case Verb.Cancel:
                return (interpreter.Cancel(rule, state, request.Why, request.Rollback)!, null);
            case Verb.Retry:
                if (request.Data is { } patch) (details["patch"], details["before"]) = (patch.DeepClone(), RuleInterpreter.Alter(state, patch));
                return (interpreter.Retry(rule, state, request.Why) ?? throw Refusals.Because(
                    "nothing_to_retry", request.Verb, from,
                    state.IsUndone ? "What the run did before was undone, so the failed step can't be gone on from. Replay it from a step." : "No step of the run has failed that could be tried again."), null);
            case Verb.Skip:
                return (interpreter.Skip(rule, state, request.Why)
                    ?? throw Refusals.Because("nothing_to_skip", request.Verb, from, "The run stands at no step that could be skipped: it is undoing, or has undone, what it did."), null);
            case Verb.Signal:
                details["event"] = request.Event;
                return Signal(request, run);
            default:
                details["patch"] = request.Data!.DeepClone();
                details["before"] = RuleInterpreter.Alter(state, request.Data);
                return (new Operation(null, 0, null, []), null);
        }
    }

    private (Operation Operation, StepAttempt? Answer) Signal(OperationRequest request, HeldRun run)
    {
        var events = run.State.Waits.Where(wait => wait.Kind == WaitKind.Event).ToList();
        var asked = events.FirstOrDefault(wait => (string?)wait.Data?["event"] == request.Event)
            ?? throw Refusals.Because(
                "no_such_wait", Verb.Signal, run.State.Status,
                events.Count == 0 ? "The run waits for no event." : $"The run doesn't wait for '{request.Event}', but for {string.Join(", ", events.Select(wait => $"'{wait.Data?["event"]}'"))}.");
        var answer = new WaitAnswer(asked.Step, asked.Visit, WaitDecision.Done, (JsonObject)(request.Data ?? []).DeepClone(), $"'{request.Event}' came by {request.By.User}");
        var attempt = interpreter.Answer(run.Rule, run.State, answer)!;
        return (new Operation(asked.Step, asked.Visit, attempt.Decision, []), attempt);
    }

    private static AuditRecord Audit(OperationRequest request, RunRow row, RunStatus to, JsonNode? details) => new(
        request.By, row.Account, $"workflow.{Verbs.Name(request.Verb)}", row.Id.ToString(), request.Reason, Verbs.Name(row.Status), Verbs.Name(to), details);
}
