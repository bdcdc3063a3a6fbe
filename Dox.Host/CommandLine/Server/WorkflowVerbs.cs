using System.CommandLine;
using Dox.Client;

namespace Dox.Host.CommandLine.Server;

/// <summary>What an operator does to runs.</summary>
internal static class WorkflowVerbs
{
    public static IEnumerable<Command> All(ServerAddress server) =>
    [
        Simple(server, "pause", "Hold a run before its next step.", (asking, id, reason) => asking.Client.PostWorkflowsByIdPauseAsync(id, new PauseWorkflowBody { Reason = reason }, asking.Cancellation)),
        Simple(server, "resume", "Let a paused run go on.", (asking, id, reason) => asking.Client.PostWorkflowsByIdResumeAsync(id, new ResumeWorkflowBody { Reason = reason }, asking.Cancellation)),
        Simple(server, "skip", "Pass over the step that a run stands at.", (asking, id, reason) => asking.Client.PostWorkflowsByIdSkipAsync(id, new SkipWorkflowBody { Reason = reason }, asking.Cancellation)),
        Cancel(server), Retry(server), Signal(server), Replay(server), Bulk(server),
    ];

    private static Command Simple(ServerAddress server, string name, string description, Func<Asking, string, string?, Task<OperationAnswer>> ask)
    {
        var (id, reason) = (ServerVerb.Id("run"), ServerVerb.Reason());
        return ServerVerb.One(server, name, description, asking => ask(asking, asking.Line.GetRequiredValue(id), asking.Line.GetValue(reason)), id, reason);
    }

    private static Command Cancel(ServerAddress server)
    {
        var (id, reason, rollback) = (ServerVerb.Id("run"), ServerVerb.Reason(), new Option<bool>("--rollback") { Description = "Undo first what it did." });
        return ServerVerb.One(
            server, "cancel", "End a run for good.",
            asking => asking.Client.DeleteWorkflowsByIdAsync(asking.Line.GetRequiredValue(id), asking.Line.GetValue(reason), asking.Line.GetValue(rollback), null, asking.Cancellation),
            id, reason, rollback);
    }

    private static Command Retry(ServerAddress server)
    {
        var (id, reason, context) = (ServerVerb.Id("run"), ServerVerb.Reason(), ServerVerb.Json("--context", "A JSON merge patch for its context, made first."));
        return ServerVerb.One(
            server, "retry", "Try the step that failed once more.",
            asking => asking.Client.PostWorkflowsByIdRetryAsync(
                asking.Line.GetRequiredValue(id), new RetryWorkflowBody { Reason = asking.Line.GetValue(reason), Context = asking.Line.GetValue(context) }, asking.Cancellation),
            id, reason, context);
    }

    private static Command Signal(ServerAddress server)
    {
        var (id, reason, data) = (ServerVerb.Id("run"), ServerVerb.Reason(), ServerVerb.Json("--data", "The event's data, as a JSON object."));
        var happened = new Argument<string>("event") { Description = "The event's name." };
        return ServerVerb.One(
            server, "signal", "Give a run the event that it waits for.",
            asking => asking.Client.PostWorkflowsByIdSignalAsync(
                asking.Line.GetRequiredValue(id),
                new SignalWorkflowBody { Event = asking.Line.GetRequiredValue(happened), Data = asking.Line.GetValue(data), Reason = asking.Line.GetValue(reason) }, asking.Cancellation),
            id, happened, data, reason);
    }

    private static Command Replay(ServerAddress server)
    {
        var (id, reason, step) = (ServerVerb.Id("run"), ServerVerb.Reason(), ServerVerb.Text("--from-step", "The step to start at; the first where it isn't given."));
        var version = ServerVerb.Text("--rule-version", "same, latest, or a version.");
        return ServerVerb.One(
            server, "replay", "Start a new run from a step of one that has ended.",
            asking => asking.Client.PostWorkflowsByIdReplayAsync(
                asking.Line.GetRequiredValue(id), null,
                new ReplayWorkflowBody { FromStep = asking.Line.GetValue(step), RuleVersion = asking.Line.GetValue(version) ?? "same", Reason = asking.Line.GetValue(reason) },
                asking.Cancellation),
            id, step, version, reason);
    }

    private static Command Bulk(ServerAddress server)
    {
        var verb = new Argument<string>("verb") { Description = "pause, resume, cancel, retry, skip or signal." };
        var (status, rule, service, account) = (
            ServerVerb.Text("--status", "Runs in this state."), ServerVerb.Text("--rule", "Runs of this rule."),
            ServerVerb.Text("--service", "Runs of this service."), ServerVerb.Text("--account", "Runs of this account."));
        var ids = new Option<string[]>("--id") { Description = "These runs, instead of a filter.", AllowMultipleArgumentsPerToken = true };
        var (reason, limit, cursor) = (ServerVerb.Reason(), ServerVerb.Limit(), ServerVerb.Cursor());
        var (happened, data) = (ServerVerb.Text("--event", "Of signal: the event's name."), ServerVerb.Json("--data", "Of signal: the event's data."));
        var (rollback, dryRun) = (new Option<bool>("--rollback") { Description = "Of cancel: undo first." }, new Option<bool>("--dry-run") { Description = "Only say what would be done." });
        return ServerVerb.Steps(
            server, "bulk", "Do the same to many runs.", "results", ["workflow_id", "outcome", "previous_status", "status", "message"],
            asking => asking.Client.PostWorkflowsBulkAsync(
                new OperateInBulkCommand
                {
                    Verb = asking.Line.GetRequiredValue(verb),
                    Filter = asking.Line.GetValue(ids) is { Length: > 0 } ? null : new OperateInBulkFilter
                    {
                        Status = asking.Line.GetValue(status),
                        Rule = asking.Line.GetValue(rule),
                        Service = asking.Line.GetValue(service),
                        Account = asking.Line.GetValue(account),
                    },
                    WorkflowIds = asking.Line.GetValue(ids) is { Length: > 0 } some ? [.. some] : null,
                    Reason = asking.Line.GetValue(reason),
                    Rollback = asking.Line.GetValue(rollback),
                    Event = asking.Line.GetValue(happened),
                    Data = asking.Line.GetValue(data),
                    DryRun = asking.Line.GetValue(dryRun),
                    Limit = asking.Line.GetValue(limit) ?? 100,
                    Cursor = asking.Line.GetValue(cursor),
                },
                asking.Cancellation),
            verb, status, rule, service, account, ids, reason, rollback, happened, data, dryRun, limit, cursor);
    }
}
