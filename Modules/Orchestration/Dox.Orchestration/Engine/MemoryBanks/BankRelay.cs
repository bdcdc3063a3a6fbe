using System.Text.Json;
using Dox.Orchestration.Data;
using Dox.SharedKernel;
using Dox.SharedKernel.Access;
using Dox.TeamCoordination.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Engine.MemoryBanks;

/// <summary>
/// Tells the memory banks of runs that ended, many in one message. It comes behind the runs and has no part in their commits. Notes and the
/// message change places in one transaction.
/// </summary>
internal sealed class BankRelay(IServiceScopeFactory scopes, IOptions<EngineOptions> options, TimeProvider clock, ILogger<BankRelay> log) : BackgroundService
{
    private const int AtOnce = 1000;

    // What another process has taken is passed over: each note goes into one message, and messages of one run may come in either order.
    private const string TakeOnPostgreSql =
        """
        DELETE FROM orchestration.bank_notes
        WHERE ctid = ANY(ARRAY(SELECT ctid FROM orchestration.bank_notes ORDER BY workflow_id, sequence LIMIT {0} FOR UPDATE SKIP LOCKED))
        RETURNING workflow_id, sequence, body
        """;

    private const string TakeOnSqlite =
        "DELETE FROM bank_notes WHERE rowid IN (SELECT rowid FROM bank_notes ORDER BY workflow_id, sequence LIMIT {0}) RETURNING workflow_id, sequence, body";

    /// <summary>How long ends are gathered once some were told of. Real time: it spaces work, and says nothing of when anything happened.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(500);

    private readonly EngineSignal _signal = new(clock);

    /// <summary>Runs ended.</summary>
    public void Raise() => _signal.Raise();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var told = await TellAsync(stoppingToken);
                if (told == 0) await _signal.WaitAsync(options.Value.PollInterval, stoppingToken);
                else if (told < AtOnce) await Task.Delay(Gathering, TimeProvider.System, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.LogWarning(e, "Ended runs can't be told to the memory banks; trying again");
                await Task.Delay(options.Value.PollInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<int> TellAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        await using var write = await db.BeginWriteAsync(cancellationToken);
        var notes = await db.BankNotes.FromSqlRaw(db.Database.IsNpgsql() ? TakeOnPostgreSql : TakeOnSqlite, AtOnce).AsNoTracking().ToListAsync(cancellationToken);
        if (notes.Count == 0) return 0;
        notes.Sort((a, b) => (a.WorkflowId.Value, a.Sequence).CompareTo((b.WorkflowId.Value, b.Sequence)));
        db.Enqueue(new NoteEndedRuns([.. notes.Select(n => JsonSerializer.Deserialize<UpdateMemoryBanks>(n.Body, DoxJson.Options)!)]), Caller.System);
        await db.SaveChangesAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        return notes.Count;
    }
}
