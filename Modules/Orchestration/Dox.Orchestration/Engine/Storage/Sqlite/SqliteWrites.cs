using Dox.SharedKernel.Infrastructure.Outbox;
using Microsoft.Data.Sqlite;

namespace Dox.Orchestration.Engine.Storage.Sqlite;

/// <summary>Makes writes on a connection, one after the other within a transaction that the caller has open.</summary>
internal sealed class SqliteWrites : IDisposable
{
    private const string Header = """id, bucket, account, "user", rule_name, rule_version, rule_hash, service, priority, document_id, trace_parent, started_at""";
    private const string Changing = "token, status, current_step, state, error, updated_at, journal_length, journal_hash, recoveries";
    private const string Guard = "WHERE id = ? AND owner IS ? AND token = ? AND journal_length = ?";

    private readonly List<SqliteStatement> _statements = [];
    private readonly SqliteStatement _document;
    private readonly SqliteStatement _supersede;
    private readonly SqliteStatement _key;
    private readonly SqliteStatement _savepoint;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _release;
    private readonly SqliteStatement _start;
    private readonly SqliteStatement _endedStart;
    private readonly SqliteStatement _change;
    private readonly SqliteStatement _end;
    private readonly SqliteStatement _leaveOpen;
    private readonly SqliteStatement _reopen;
    private readonly SqliteStatement _leaveEnded;
    private readonly SqliteStatement _entry;
    private readonly SqliteStatement _message;
    private readonly SqliteStatement _note;
    private readonly SqliteStatement _known;

    public SqliteWrites(SqliteConnection connection)
    {
        SqliteStatement Prepare(string sql)
        {
            var statement = new SqliteStatement(connection, sql);
            _statements.Add(statement);
            return statement;
        }

        _document = Prepare(
            $"INSERT OR IGNORE INTO documents (id, bucket, account, submitted_by, file_name, media_type, sha256, length, metadata, validation, workflow_id, created, replaces, words) VALUES ({Marks(14)})");
        _supersede = Prepare("UPDATE documents SET superseded = ? WHERE id = ? AND superseded IS NULL");
        _key = Prepare($"INSERT OR IGNORE INTO start_keys (account, key, workflow_id, created) VALUES ({Marks(4)})");
        _savepoint = Prepare("SAVEPOINT start");
        _rollback = Prepare("ROLLBACK TO start");
        _release = Prepare("RELEASE start");
        _start = Prepare(
            $"INSERT OR IGNORE INTO open_runs ({Header}, {Changing}, owner, wake_at) SELECT {Marks(23)} WHERE NOT EXISTS (SELECT 1 FROM ended_runs WHERE id = ?1)");
        _endedStart = Prepare($"INSERT OR IGNORE INTO ended_runs ({Header}, {Changing}, ended_at) SELECT {Marks(22)} WHERE NOT EXISTS (SELECT 1 FROM open_runs WHERE id = ?1)");
        _change = Prepare(
            $"""
            UPDATE open_runs SET token = ?, status = ?, current_step = ?, state = ?, error = ?, updated_at = ?, journal_length = ?, journal_hash = ?, recoveries = ?,
              owner = iif(?12 OR intent IS NULL, ?10, owner), wake_at = iif(?12 OR intent IS NULL OR owner IS NULL, ?11, NULL), intent = iif(?12, NULL, intent), intent_by = iif(?12, NULL, intent_by), intent_reason = iif(?12, NULL, intent_reason)
            {Guard} RETURNING intent, intent_by, intent_reason
            """);
        _end = Prepare($"INSERT INTO ended_runs ({Changing}, ended_at, {Header}) SELECT {Marks(10)}, {Header} FROM open_runs {Guard}");
        _leaveOpen = Prepare("DELETE FROM open_runs WHERE id = ?");
        _reopen = Prepare($"INSERT INTO open_runs ({Changing}, owner, wake_at, {Header}) SELECT {Marks(11)}, {Header} FROM ended_runs WHERE id = ? AND token = ? AND journal_length = ?");
        _leaveEnded = Prepare("DELETE FROM ended_runs WHERE id = ?");
        _entry = Prepare(
            $"""
            INSERT INTO journal (workflow_id, sequence, bucket, kind, step, action, actor, visit, attempt, status, run_status, input, output, error, started_at, duration_ms, rule_line,
              decision, decision_line, hash) VALUES ({Marks(20)})
            """);
        _message = Prepare(
            $"""
            INSERT INTO outbox_messages (id, message_id, name, target, body, caller, trace_parent, occurred, attempts, next_attempt) VALUES ({Marks(10)})
            """);
        _note = Prepare("INSERT INTO bank_notes (workflow_id, sequence, body) VALUES (?, ?, ?)");
        _known = Prepare(
            """
            SELECT intent, intent_by, intent_reason FROM open_runs WHERE id = ?1 AND journal_length = ?2 AND journal_hash = ?3
            UNION ALL SELECT NULL, NULL, NULL FROM ended_runs WHERE id = ?1 AND journal_length = ?2 AND journal_hash = ?3
            UNION ALL SELECT NULL, NULL, NULL FROM journal WHERE ?4 AND workflow_id = ?1 AND sequence = ?2 AND hash = ?3
            """);
    }

    public RunWriteResult Make(RunWrite write)
    {
        RunIntent? intent = null;
        var written = write.Kind switch
        {
            RunWriteKind.Start => Start(write),
            RunWriteKind.Reopen => Reopen(write),
            _ when write.EndedAt is not null => End(write),
            _ => Change(write, out intent),
        };
        if (!written) return Explain(write);
        foreach (var entry in write.Entries) Note(entry);
        foreach (var message in write.Messages) Tell(message);
        if (write.BankNote is { } note) _note.Add(write.Run.Id.Value).Add(write.JournalLength).Add(note).Run();
        return new(RunWriteOutcome.Written, intent);
    }

    public void Dispose()
    {
        foreach (var statement in _statements) statement.Dispose();
    }

    private static string Marks(int count) => string.Join(", ", Enumerable.Repeat("?", count));

    private bool Start(RunWrite write)
    {
        if (write.Document is null && write.Keys.Count == 0) return StartRow(write);
        // All of it or nothing, whatever becomes of the others.
        _savepoint.Run();
        var written = Accept(write) && StartRow(write);
        if (!written) _rollback.Run();
        _release.Run();
        return written;
    }

    private bool Accept(RunWrite write)
    {
        if (write.Document?.Replaces is { } replaced) _supersede.Add(write.Document.Created).Add(replaced.Value).Run();
        if (write.Document is { } d
            && _document.Add(d.Id.Value).Add(d.Bucket).Add(d.Account).Add(d.SubmittedBy).Add(d.FileName).Add(d.MediaType).Add(d.Sha256).Add(d.Length).Add(d.Metadata)
                .Add(d.Validation).Add(d.WorkflowId.Value).Add(d.Created).Add(d.Replaces?.Value).Add(d.Words).Run() == 0) return false;
        foreach (var key in write.Keys)
        {
            if (_key.Add(key.Account).Add(key.Key).Add(key.WorkflowId.Value).Add(key.Created).Run() == 0) return false;
        }

        return true;
    }

    private bool StartRow(RunWrite write)
    {
        var run = write.Run;
        var statement = write.EndedAt is null ? _start : _endedStart;
        statement.Add(run.Id.Value).Add(run.Bucket).Add(run.Account).Add(run.User).Add(run.RuleName).Add(run.RuleVersion).Add(run.RuleHash).Add(run.Service).Add(run.Priority)
            .Add(run.DocumentId?.Value).Add(run.TraceParent).Add(run.StartedAt);
        AddChanging(statement, write);
        return (write.EndedAt is { } ended ? statement.Add(ended) : statement.Add(write.Owner).Add(write.WakeAt)).Run() == 1;
    }

    private bool Change(RunWrite write, out RunIntent? intent)
    {
        AddChanging(_change, write).Add(write.Owner).Add(write.WakeAt).Add(write.IntentIsMet ? 1 : 0);
        AddGuard(_change, write);
        try
        {
            var written = _change.Step();
            intent = written ? IntentOf(_change) : null;
            return written;
        }
        finally
        {
            _change.Reset();
        }
    }

    private bool End(RunWrite write)
    {
        AddChanging(_end, write).Add(write.EndedAt);
        return AddGuard(_end, write).Run() == 1 && _leaveOpen.Add(write.Run.Id.Value).Run() == 1;
    }

    private bool Reopen(RunWrite write) =>
        AddChanging(_reopen, write).Add(write.Owner).Add(write.WakeAt).Add(write.Run.Id.Value).Add(write.Expected.Token).Add(write.Expected.JournalLength).Run() == 1
        && _leaveEnded.Add(write.Run.Id.Value).Run() == 1;

    /// <summary>Why it wasn't written: it is as it was to be since an earlier attempt, or it is another's.</summary>
    private RunWriteResult Explain(RunWrite write)
    {
        try
        {
            return _known.Add(write.Run.Id.Value).Add(write.JournalLength).Add(write.JournalHash.AsSpan()).Add(write.IsLetGo ? 1 : 0).Step()
                ? new(RunWriteOutcome.WrittenBefore, IntentOf(_known))
                : new(write.Kind == RunWriteKind.Start ? RunWriteOutcome.Conflict : RunWriteOutcome.Stale);
        }
        finally
        {
            _known.Reset();
        }
    }

    private void Note(JournalEntry e) => _entry.Add(e.WorkflowId.Value).Add(e.Sequence).Add(e.Bucket).Add(Names.Of(e.Kind)).Add(e.Step).Add(e.Action).Add(e.Actor).Add(e.Visit)
        .Add(e.Attempt).Add(Names.Of(e.Status)).Add(Names.Of(e.RunStatus)).Add(e.Input).Add(e.Output).Add(e.Error).Add(e.StartedAt).Add(e.DurationMs).Add(e.RuleLine).Add(e.Decision).Add(e.DecisionLine)
        .Add(e.Hash.AsSpan()).Run();

    private void Tell(OutboxMessage m) => _message.Add(m.Id).Add(m.MessageId).Add(m.Name).Add(m.Target).Add(m.Body).Add(m.Caller).Add(m.TraceParent).Add(m.Occurred)
        .Add(m.Attempts).Add(m.NextAttempt).Run();

    private static SqliteStatement AddChanging(SqliteStatement statement, RunWrite write) => statement.Add(write.Token).Add(Names.Of(write.Status)).Add(write.CurrentStep)
        .AddText(write.State.Span).Add(write.Error).Add(write.UpdatedAt).Add(write.JournalLength).Add(write.JournalHash.AsSpan()).Add(write.Recoveries);

    private static SqliteStatement AddGuard(SqliteStatement statement, RunWrite write) =>
        statement.Add(write.Run.Id.Value).Add(write.Expected.Owner).Add(write.Expected.Token).Add(write.Expected.JournalLength);

    private static RunIntent? IntentOf(SqliteStatement row) =>
        row.Text(0) is { } kind ? new(Enum.Parse<IntentKind>(kind), row.Text(1) ?? "", row.Text(2)) : null;
}
