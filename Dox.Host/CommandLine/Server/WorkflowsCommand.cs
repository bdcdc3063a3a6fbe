using System.CommandLine;

namespace Dox.Host.CommandLine.Server;

internal static class WorkflowsCommand
{
    private static readonly string[] s_columns = ["workflow_id", "rule_name", "status", "service", "start_time", "updated_at"];

    public static Command Create(ServerAddress server)
    {
        var workflows = new Command("workflows", "Runs: list, explain, and what an operator does to them.")
        {
            List(server), Show(server), Explain(server), History(server),
        };
        foreach (var verb in WorkflowVerbs.All(server)) workflows.Add(verb);
        return workflows;
    }

    private static Command List(ServerAddress server)
    {
        var (status, rule, service) = (
            ServerVerb.Text("--status", "pending, running, retry, waiting, waiting_for_human, paused, success, failed, escalated or cancelled."),
            ServerVerb.Text("--rule", "Those of a rule."), ServerVerb.Text("--service", "Those of a service."));
        var (from, to) = (ServerVerb.Time("--from", "Those that began then or later."), ServerVerb.Time("--to", "Those that began before then."));
        var (limit, cursor) = (ServerVerb.Limit(), ServerVerb.Cursor());
        return ServerVerb.List(
            server, "Runs, newest first.", "workflows", s_columns,
            asking => asking.Client.GetWorkflowsAsync(
                asking.Line.GetValue(limit), asking.Line.GetValue(cursor), asking.Line.GetValue(status), asking.Line.GetValue(rule), asking.Line.GetValue(service),
                asking.Line.GetValue(from), asking.Line.GetValue(to), null, null, asking.Cancellation),
            status, rule, service, from, to, limit, cursor);
    }

    private static Command Show(ServerAddress server)
    {
        var id = ServerVerb.Id("run");
        return ServerVerb.One(server, "show", "One run, with its steps.", asking => asking.Client.GetWorkflowsByIdAsync(asking.Line.GetRequiredValue(id), asking.Cancellation), id);
    }

    private static Command Explain(ServerAddress server)
    {
        var id = ServerVerb.Id("run");
        return ServerVerb.Steps(
            server, "explain", "Why a run is where it is: each turn, with its reason.", "turns", ["at", "what", "step", "status", "decision", "error", "reason"],
            asking => asking.Client.GetWorkflowsByIdExplainAsync(asking.Line.GetRequiredValue(id), null, asking.Cancellation), id);
    }

    private static Command History(ServerAddress server)
    {
        var (id, limit, cursor) = (ServerVerb.Id("run"), ServerVerb.Limit(), ServerVerb.Cursor());
        return ServerVerb.Steps(
            server, "history", "A run's journal.", "entries", ["sequence", "step", "action", "visit", "attempt", "status", "decision", "duration_ms", "started_at"],
            asking => asking.Client.GetWorkflowsByIdHistoryAsync(asking.Line.GetRequiredValue(id), asking.Line.GetValue(limit), asking.Line.GetValue(cursor), asking.Cancellation),
            id, limit, cursor);
    }
}
