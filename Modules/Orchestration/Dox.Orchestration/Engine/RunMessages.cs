using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Contracts;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules.Actions;
using Dox.SharedKernel;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.TeamCoordination.Contracts;
using Dox.Workflows.Interpretation;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Engine;

/// <summary>What a checkpoint has to tell the teams: a review when a run begins to wait for a person, a blocker when it is given up.</summary>
internal sealed class RunMessages(RuleInterpreter interpreter, OutboxMessages outbox, IOptions<EngineOptions> options, TimeProvider clock)
{
    public void AddTo(List<OutboxMessage> messages, HeldRun run, StepAttempt attempt)
    {
        var state = run.State;
        if (attempt.Opens is { Kind: WaitKind.Human } wait) messages.Add(outbox.Of(Review(run, wait), run.Caller));
        foreach (var closed in attempt.Closes)
        {
            if (closed.Kind == WaitKind.Human)
                messages.Add(outbox.Of(new CloseReview(run.Id, closed.Step, closed.Visit, attempt.Decision ?? "The run needs no answer any more.", run.Rule.Name), run.Caller));
            else if (closed.Kind == WaitKind.Workflow)
                messages.Add(outbox.Of(new CancelChild(run.Id, closed.Step, closed.Visit, run.Header.User, Rollback: false), run.Caller));
        }

        if (state.Status == RunStatus.Escalated) messages.Add(outbox.Of(Blocker(run), run.Caller));
        if (state.HasEnded) AddEnd(messages, run);
    }

    /// <summary>Nobody need answer any more what an operator's act made needless, and runs that a cancelled one, or a step that is passed over, waits for end with it.</summary>
    public void AddTo(List<OutboxMessage> messages, HeldRun run, OperatorAct act, Operation operation, bool ends)
    {
        foreach (var wait in operation.Closes.Where(wait => wait.Kind == WaitKind.Human))
            messages.Add(outbox.Of(new CloseReview(run.Id, wait.Step, wait.Visit, $"{act.Verb} of the run by {act.By}{(act.Reason is null ? "" : $": {act.Reason}")}", act.By), run.Caller));
        foreach (var step in operation.Abandons) messages.Add(outbox.Of(new CancelChild(run.Id, step.Path, step.Visit, act.By, operation.Undoes), run.Caller));
        if (ends) AddEnd(messages, run);
    }

    private void AddEnd(List<OutboxMessage> messages, HeldRun run)
    {
        if (ParentStep.Of(run.State) is { Waits: true } parent) messages.Add(outbox.Of(new ResumeParent(parent.Run, parent.Step, parent.Visit, run.Id), run.Caller));
    }

    /// <summary>The team of a run: what the step says, else the run's.</summary>
    private string TeamOf(HeldRun run, JsonNode? asked = null) =>
        (string?)asked ?? (string?)run.State.Facts?["team"] ?? options.Value.DefaultTeam;

    private OpenReview Review(HeldRun run, Wait wait)
    {
        var evidence = wait.Data?["evidence"];
        return new(
            Id<Review>.New(clock), run.Id, run.Rule.Name, wait.Step, wait.Visit, run.DocumentId, run.Account, TeamOf(run, wait.Data?["team"]),
            (string?)wait.Data?["subject"] ?? wait.Step,
            (string?)wait.Data?["message"] ?? run.State.Error?.Message ?? "",
            evidence is null ? JsonSerializer.SerializeToElement(new JsonObject()) : JsonSerializer.SerializeToElement(evidence));
    }

    private OpenBlocker Blocker(HeldRun run) => new(
        Id<Blocker>.New(clock), BlockerSeverity.High, run.Rule.Service, TeamOf(run),
        $"{run.Rule.Name} was given up at '{run.State.Error?.Step ?? run.State.Cursor}'",
        run.State.Error?.Message ?? "No reason was recorded.", run.Id);

    /// <summary>What the memory banks are to be told of the run's end, as JSON.</summary>
    public string BankNote(HeldRun run)
    {
        var state = run.State;
        var ended = state.EndedAt ?? clock.GetUtcNow();
        IReadOnlyList<BankUpdate> updates = state.Status == RunStatus.Success
            ? [.. interpreter.MemoryUpdatesOf(run.Rule, state).Select(u => new BankUpdate(u.File, JsonSerializer.SerializeToElement(u.Update)))]
            : [];
        var entry = new ExecutionEntry(
            run.Id, run.Rule.Name, run.Rule.Version, run.Rule.Service, JsonNamingPolicy.SnakeCaseLower.ConvertName(state.Status.ToString()),
            state.StartedAt, ended, (ended - state.StartedAt).TotalMilliseconds,
            [.. state.Steps.Where(s => s.Value.Status == StepStatus.Success).Select(s => s.Key)], state.Error?.Message);
        return JsonSerializer.Serialize(new UpdateMemoryBanks(updates, entry, Causation.DepthOf(state)), DoxJson.Options);
    }
}
