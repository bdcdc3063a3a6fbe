using Dox.SharedKernel.Infrastructure.Outbox;

namespace Dox.Orchestration.Engine.Storage.PostgreSql;

/// <summary>
/// The statements of a flush, in the order in which they are executed. Each is given all its rows at once, none raises for what it finds, and
/// those of runs return the runs that were written. What belongs to a run that wasn't is left out or taken back: a line of the journal and a message
/// are written where this very transaction wrote the run's row (<c>xmin</c>), so that a batch given twice writes nothing twice.
/// </summary>
internal sealed class WriteStatements
{
    private const string Schema = Data.OrchestrationDbContext.SchemaName;

    private const string Written =
        $"""
        (EXISTS (SELECT 1 FROM {Schema}.open_runs r WHERE r.id = w.run AND r.xmin = pg_current_xact_id()::xid)
         OR EXISTS (SELECT 1 FROM {Schema}.ended_runs r WHERE r.id = w.run AND r.xmin = pg_current_xact_id()::xid))
        """;

    private const string Header = """id, bucket, account, "user", rule_name, rule_version, rule_hash, service, priority, document_id, trace_parent, started_at""";
    private const string Changing = "token, status, current_step, state, error, updated_at, journal_length, journal_hash, recoveries";
    private const string Last = "kind, step, action, actor, visit, attempt, step_status, run_status, input, output, step_error, step_started_at, duration_ms, rule_line, decision, decision_line";

    private const string Journal =
        $"""
        INSERT INTO {Schema}.journal
          (workflow_id, sequence, bucket, kind, step, action, actor, visit, attempt, status, run_status, input, output, error, started_at, duration_ms, rule_line, decision, decision_line, hash)
        SELECT
        """;

    /// <summary>Documents that make room for a new one of the same content.</summary>
    public WriteStatement<RunWrite> Superseded { get; } = new(
        new ArrayColumns<RunWrite>().Id("id", w => w.Document!.Replaces!.Value.Value).Time("created", w => w.Document!.Created),
        $$"""UPDATE {{Schema}}.documents d SET superseded = w.created FROM ({w}) w WHERE d.id = w.id AND d.superseded IS NULL""");

    /// <summary>The documents that starts bring; that one is known already keeps its run from being written.</summary>
    public WriteStatement<RunWrite> Documents { get; } = new(
        new ArrayColumns<RunWrite>()
            .Id("id", w => w.Document!.Id.Value).Number("bucket", w => w.Document!.Bucket).Text("account", w => w.Document!.Account)
            .Text("submitted_by", w => w.Document!.SubmittedBy).Text("file_name", w => w.Document!.FileName).Text("media_type", w => w.Document!.MediaType)
            .Text("sha256", w => w.Document!.Sha256).Number("length", w => w.Document!.Length).Text("metadata", w => w.Document!.Metadata)
            .Text("validation", w => w.Document!.Validation).Id("workflow_id", w => w.Document!.WorkflowId.Value).Time("created", w => w.Document!.Created)
            .Id("replaces", w => w.Document!.Replaces?.Value).Text("words", w => w.Document!.Words),
        $$"""
        INSERT INTO {{Schema}}.documents (id, bucket, account, submitted_by, file_name, media_type, sha256, length, metadata, validation, workflow_id, created, replaces, words)
        {w} ON CONFLICT DO NOTHING
        """);

    public WriteStatement<StartKey> Keys { get; } = new(
        new ArrayColumns<StartKey>().Text("account", k => k.Account).Text("key", k => k.Key).Id("workflow_id", k => k.WorkflowId.Value).Time("created", k => k.Created),
        $$"""INSERT INTO {{Schema}}.start_keys (account, key, workflow_id, created) {w} ON CONFLICT DO NOTHING""");

    public WriteStatement<RunWrite> Starts { get; } = new(Whole().Text("owner", w => w.Owner).Time("wake_at", w => w.WakeAt), Start("open_runs", ", owner, wake_at", "ended_runs"));

    /// <summary>Runs that are at their end with their first checkpoint.</summary>
    public WriteStatement<RunWrite> EndedStarts { get; } = new(Whole().Time("ended_at", w => w.EndedAt), Start("ended_runs", ", ended_at", "open_runs"));

    /// <summary>Takes back what a start brought that wasn't written: another one had its document, one of its keys or its id.</summary>
    public WriteStatement<RunWrite> Documentless { get; } = new(
        new ArrayColumns<RunWrite>().Id("document_id", w => w.Document!.Id.Value).Id("run", w => w.Run.Id.Value),
        $$"""DELETE FROM {{Schema}}.documents d USING ({w}) w WHERE d.id = w.document_id AND d.xmin = pg_current_xact_id()::xid AND NOT {{Written}}""");

    public WriteStatement<RunWrite> Restored { get; } = new(
        new ArrayColumns<RunWrite>().Id("id", w => w.Document!.Replaces!.Value.Value).Id("run", w => w.Run.Id.Value),
        $$"""
        UPDATE {{Schema}}.documents d SET superseded = NULL FROM ({w}) w
        WHERE d.id = w.id AND d.xmin = pg_current_xact_id()::xid AND NOT {{Written}}
          AND NOT EXISTS (SELECT 1 FROM {{Schema}}.documents n WHERE n.account = d.account AND n.sha256 = d.sha256 AND n.superseded IS NULL)
        """);

    public WriteStatement<StartKey> Keyless { get; } = new(
        new ArrayColumns<StartKey>().Text("account", k => k.Account).Text("key", k => k.Key).Id("run", k => k.WorkflowId.Value),
        $$"""
        DELETE FROM {{Schema}}.start_keys k USING ({w}) w
        WHERE k.account = w.account AND k.key = w.key AND k.workflow_id = w.run AND k.xmin = pg_current_xact_id()::xid AND NOT {{Written}}
        """);

    public WriteStatement<RunWrite> Notes { get; } = new(
        new ArrayColumns<RunWrite>().Id("run", w => w.Run.Id.Value).Number("sequence", w => w.JournalLength).Text("body", w => w.BankNote),
        $$"""INSERT INTO {{Schema}}.bank_notes (workflow_id, sequence, body) SELECT * FROM ({w}) w WHERE {{Written}}""");

    public WriteStatement<RunWrite> Changes { get; } = new(
        Guarded().Text("owner", w => w.Owner).Time("wake_at", w => w.WakeAt).Flag("intent_is_met", w => w.IntentIsMet),
        $$"""
        WITH w AS ({w}),
        u AS (
          UPDATE {{Schema}}.open_runs r SET
            owner = CASE WHEN w.intent_is_met OR r.intent IS NULL THEN w.owner ELSE r.owner END, token = w.token,
            wake_at = CASE WHEN w.intent_is_met OR r.intent IS NULL OR r.owner IS NULL THEN w.wake_at END, status = w.status, current_step = w.current_step, state = w.state, error = w.error,
            updated_at = w.updated_at, journal_length = w.journal_length, journal_hash = w.journal_hash, recoveries = w.recoveries,
            intent = CASE WHEN w.intent_is_met THEN NULL ELSE r.intent END, intent_by = CASE WHEN w.intent_is_met THEN NULL ELSE r.intent_by END,
            intent_reason = CASE WHEN w.intent_is_met THEN NULL ELSE r.intent_reason END
          FROM w
          WHERE r.id = w.id AND r.token = w.expected_token AND r.owner IS NOT DISTINCT FROM w.expected_owner AND r.journal_length = w.expected_length
          RETURNING r.id, r.bucket, r.intent, r.intent_by, r.intent_reason, r.journal_length, r.journal_hash, {{Of("w", Last)}}),
        j AS ({{Journal}} id, journal_length, bucket, {{Last}}, journal_hash FROM u)
        SELECT id, intent, intent_by, intent_reason FROM u
        """);

    public WriteStatement<RunWrite> Ends { get; } = new(
        Guarded().Time("ended_at", w => w.EndedAt).Text("bank_note", w => w.BankNote),
        $$"""
        WITH w AS ({w}),
        d AS (
          DELETE FROM {{Schema}}.open_runs r USING w
          WHERE r.id = w.id AND r.token = w.expected_token AND r.owner IS NOT DISTINCT FROM w.expected_owner AND r.journal_length = w.expected_length
          RETURNING {{Of("r", Header)}}, {{Of("w", Changing)}}, w.ended_at, w.bank_note, {{Of("w", Last)}}),
        b AS (INSERT INTO {{Schema}}.bank_notes (workflow_id, sequence, body) SELECT id, journal_length, bank_note FROM d WHERE bank_note IS NOT NULL),
        e AS (INSERT INTO {{Schema}}.ended_runs ({{Header}}, {{Changing}}, ended_at) SELECT {{Header}}, {{Changing}}, ended_at FROM d),
        j AS ({{Journal}} id, journal_length, bucket, {{Last}}, journal_hash FROM d)
        SELECT id FROM d
        """);

    public WriteStatement<RunWrite> Reopened { get; } = new(
        Guarded().Text("owner", w => w.Owner).Time("wake_at", w => w.WakeAt),
        $$"""
        WITH w AS ({w}),
        d AS (
          DELETE FROM {{Schema}}.ended_runs r USING w
          WHERE r.id = w.id AND r.token = w.expected_token AND r.journal_length = w.expected_length
          RETURNING {{Of("r", Header)}}, {{Of("w", Changing)}}, w.owner, w.wake_at, {{Of("w", Last)}}),
        o AS (INSERT INTO {{Schema}}.open_runs ({{Header}}, {{Changing}}, owner, wake_at) SELECT {{Header}}, {{Changing}}, owner, wake_at FROM d),
        j AS ({{Journal}} id, journal_length, bucket, {{Last}}, journal_hash FROM d)
        SELECT id FROM d
        """);

    /// <summary>Lines of the journal beside the last one of a change, and all of a start.</summary>
    public WriteStatement<JournalEntry> Entries { get; } = new(
        new ArrayColumns<JournalEntry>()
            .Id("run", e => e.WorkflowId.Value).Number("sequence", e => e.Sequence).Number("bucket", e => e.Bucket).Text("kind", e => Names.Of(e.Kind)).Text("step", e => e.Step)
            .Text("action", e => e.Action).Text("actor", e => e.Actor).Number("visit", e => e.Visit).Number("attempt", e => e.Attempt).Text("status", e => Names.Of(e.Status))
            .Text("run_status", e => Names.Of(e.RunStatus)).Text("input", e => e.Input).Text("output", e => e.Output).Text("error", e => e.Error).Time("started_at", e => e.StartedAt).Number("duration_ms", e => e.DurationMs)
            .Number("rule_line", e => e.RuleLine).Text("decision", e => e.Decision).Number("decision_line", e => e.DecisionLine).Bytes("hash", e => e.Hash),
        $$"""{{Journal}} w.* FROM ({w}) w WHERE {{Written}}""");

    public WriteStatement<(Guid Run, OutboxMessage Message)> Messages { get; } = new(
        new ArrayColumns<(Guid Run, OutboxMessage Message)>()
            .Id("run", m => m.Run).Id("id", m => m.Message.Id).Id("message_id", m => m.Message.MessageId).Text("name", m => m.Message.Name).Text("target", m => m.Message.Target)
            .Text("body", m => m.Message.Body).Text("caller", m => m.Message.Caller).Text("trace_parent", m => m.Message.TraceParent).Time("occurred", m => m.Message.Occurred)
            .Number("attempts", m => m.Message.Attempts).Time("next_attempt", m => m.Message.NextAttempt),
        $$"""
        INSERT INTO {{Schema}}.outbox_messages (id, message_id, name, target, body, caller, trace_parent, occurred, attempts, next_attempt)
        SELECT id, message_id, name, target, body, caller, trace_parent, occurred, attempts, next_attempt FROM ({w}) w WHERE {{Written}}
        """);

    public IReadOnlyList<IWriteStatement> All => field ??= [Superseded, Documents, Keys, Starts, EndedStarts, Notes, Documentless, Restored, Keyless, Changes, Ends, Reopened, Entries, Messages];

    public void Clear()
    {
        foreach (var statement in All) statement.Clear();
    }

    public void Add(RunWrite write)
    {
        if (write.Kind == RunWriteKind.Start) AddStart(write);
        else if (write.Kind == RunWriteKind.Reopen) Reopened.Add(write);
        else (write.EndedAt is null ? Changes : Ends).Add(write);
        // The last one goes with the row itself, save for a start, which may have none.
        var besides = write.Kind == RunWriteKind.Start ? write.Entries.Count : write.Entries.Count - 1;
        for (var i = 0; i < besides; i++) Entries.Add(write.Entries[i]);
        foreach (var message in write.Messages) Messages.Add((write.Run.Id.Value, message));
    }

    private void AddStart(RunWrite write)
    {
        if (write.Document is not null)
        {
            Documents.Add(write);
            Documentless.Add(write);
            if (write.Document.Replaces is not null)
            {
                Superseded.Add(write);
                Restored.Add(write);
            }
        }

        foreach (var key in write.Keys)
        {
            Keys.Add(key);
            Keyless.Add(key);
        }

        (write.EndedAt is null ? Starts : EndedStarts).Add(write);
        if (write.BankNote is not null) Notes.Add(write);
    }

    // An accepted document and a key are the run's only where their rows name it.
    private static string Start(string table, string more, string other) =>
        $$"""
        INSERT INTO {{Schema}}.{{table}} ({{Header}}, {{Changing}}{{more}})
        SELECT {{Header}}, {{Changing}}{{more}} FROM ({w}) w
        WHERE (accepts IS NULL OR EXISTS (SELECT 1 FROM {{Schema}}.documents d WHERE d.id = w.accepts))
          AND (key IS NULL OR EXISTS (SELECT 1 FROM {{Schema}}.start_keys k WHERE k.account = w.account AND k.key = w.key AND k.workflow_id = w.id))
          AND (other_key IS NULL OR EXISTS (SELECT 1 FROM {{Schema}}.start_keys k WHERE k.account = w.account AND k.key = w.other_key AND k.workflow_id = w.id))
          AND NOT EXISTS (SELECT 1 FROM {{Schema}}.{{other}} o WHERE o.id = w.id)
        ON CONFLICT DO NOTHING
        RETURNING id
        """;

    private static ArrayColumns<RunWrite> Whole() => Changed(new ArrayColumns<RunWrite>()
        .Id("id", w => w.Run.Id.Value).Number("bucket", w => w.Run.Bucket).Text("account", w => w.Run.Account).Text("\"user\"", w => w.Run.User)
        .Text("rule_name", w => w.Run.RuleName).Text("rule_version", w => w.Run.RuleVersion).Text("rule_hash", w => w.Run.RuleHash).Text("service", w => w.Run.Service)
        .Number("priority", w => w.Run.Priority).Id("document_id", w => w.Run.DocumentId?.Value).Text("trace_parent", w => w.Run.TraceParent)
        .Time("started_at", w => w.Run.StartedAt).Id("accepts", w => w.Document?.Id.Value).Text("key", w => w.Keys is [var key, ..] ? key.Key : null).Text("other_key", w => w.Keys is [_, var other] ? other.Key : null));

    private static ArrayColumns<RunWrite> Guarded() => Changed(new ArrayColumns<RunWrite>()
            .Id("id", w => w.Run.Id.Value).Text("expected_owner", w => w.Expected.Owner).Number("expected_token", w => w.Expected.Token)
            .Number("expected_length", w => w.Expected.JournalLength))
        .Text("kind", w => Names.Of(w.Entries[^1].Kind)).Text("step", w => w.Entries[^1].Step).Text("action", w => w.Entries[^1].Action).Text("actor", w => w.Entries[^1].Actor)
        .Number("visit", w => w.Entries[^1].Visit).Number("attempt", w => w.Entries[^1].Attempt).Text("step_status", w => Names.Of(w.Entries[^1].Status))
        .Text("run_status", w => Names.Of(w.Entries[^1].RunStatus))
        .Text("input", w => w.Entries[^1].Input).Text("output", w => w.Entries[^1].Output).Text("step_error", w => w.Entries[^1].Error)
        .Time("step_started_at", w => w.Entries[^1].StartedAt).Number("duration_ms", w => w.Entries[^1].DurationMs).Number("rule_line", w => w.Entries[^1].RuleLine)
        .Text("decision", w => w.Entries[^1].Decision).Number("decision_line", w => w.Entries[^1].DecisionLine);

    private static ArrayColumns<RunWrite> Changed(ArrayColumns<RunWrite> columns) => columns
        .Number("token", w => w.Token).Text("status", w => Names.Of(w.Status)).Text("current_step", w => w.CurrentStep).Text("state", w => w.State).Text("error", w => w.Error)
        .Time("updated_at", w => w.UpdatedAt).Number("journal_length", w => w.JournalLength).Bytes("journal_hash", w => w.JournalHash).Number("recoveries", w => w.Recoveries);

    private static string Of(string table, string columns) => string.Join(", ", columns.Split(", ").Select(column => $"{table}.{column}"));
}
