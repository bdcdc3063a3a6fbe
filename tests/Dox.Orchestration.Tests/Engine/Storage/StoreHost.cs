using System.Text;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dox.Orchestration.Tests.Engine.Storage;

/// <summary>The store on a database of its own, with an engine that takes nothing.</summary>
internal sealed class StoreHost(DoxHostFixture host) : IAsyncDisposable
{
    public const string Me = "node-1";

    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public IRunStore Store { get; } = host.Services.GetRequiredService<IRunStore>();

    public static async Task<StoreHost> StartAsync(DatabaseProvider database)
    {
        var host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Services = services =>
            {
                // What is due here is due for the tests alone.
                foreach (var engine in services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationFactory?.Method.ReturnType == typeof(RunEngine)).ToList())
                    services.Remove(engine);
            },
        });
        return new StoreHost(host);
    }

    /// <summary>A start of a new run that nobody holds and that is due, unless it is changed.</summary>
    public static RunWrite Start(string account = "acc", RulePriority priority = RulePriority.Medium, string? owner = null, DateTimeOffset? wakeAt = null, DateTimeOffset? at = null)
    {
        var id = Id<Workflow>.New(TimeProvider.System);
        return new RunWrite
        {
            Run = new RunHeader
            {
                Id = id,
                Bucket = Bucket.Of(account),
                Account = account,
                User = "anna",
                RuleName = "r",
                RuleVersion = "1.0.0",
                RuleHash = "h",
                Service = "s",
                Priority = (int)priority,
                DocumentId = null,
                TraceParent = null,
                StartedAt = at ?? Now,
            },
            Kind = RunWriteKind.Start,
            Status = RunStatus.Pending,
            State = Encoding.UTF8.GetBytes("{}"),
            UpdatedAt = at ?? Now,
            Owner = owner,
            Token = 1,
            WakeAt = owner is null ? wakeAt ?? Now : null,
        };
    }

    /// <summary>The next checkpoint of a run as it was written last; ended, where that is said.</summary>
    public static RunWrite Next(RunWrite last, string step = "A", bool ends = false, string? error = null)
    {
        var next = new RunWrite
        {
            Run = last.Run,
            Kind = RunWriteKind.Change,
            Expected = new(last.Owner, last.Token, last.JournalLength),
            Status = ends ? RunStatus.Success : RunStatus.Running,
            CurrentStep = step,
            State = Encoding.UTF8.GetBytes($$"""{"cursor":"{{step}}"}"""),
            Error = error,
            UpdatedAt = Now,
            EndedAt = ends ? Now : null,
            Owner = last.Owner,
            Token = last.Token,
        };
        var entry = JournalEntry.Following(last.JournalHash, last.JournalLength + 1, last.Run, Attempt(step), next.Status);
        next.Entries.Add(entry);
        (next.JournalLength, next.JournalHash) = (entry.Sequence, entry.Hash);
        return next;
    }

    public async Task<IReadOnlyList<RunWriteOutcome>> WriteAsync(params RunWrite[] writes) =>
        [.. (await Store.WriteAsync(writes, CancellationToken.None)).Select(r => r.Outcome)];

    public Task<IReadOnlyList<OpenRun>> DueAsync(int most, string node = Me) => Store.ClaimAsync(new RunClaim.Due(node, most, Now, []), CancellationToken.None);

    public Task<RunRow?> FindAsync(RunWrite run) => Store.FindAsync(run.Run.Id, CancellationToken.None);

    public Task<List<JournalEntry>> JournalAsync(RunWrite run) => host.InDb<OrchestrationDbContext, List<JournalEntry>>(db =>
        db.Journal.AsNoTracking().Where(e => e.WorkflowId == run.Run.Id).OrderBy(e => e.Sequence).ToListAsync());

    public Task<TResult> InDb<TResult>(Func<OrchestrationDbContext, Task<TResult>> look) => host.InDb(look);

    public ValueTask DisposeAsync() => host.DisposeAsync();

    private static StepAttempt Attempt(string step) => new()
    {
        Step = step,
        Action = "effect",
        Visit = 1,
        Attempt = 1,
        IdempotencyKey = "",
        Status = StepStatus.Success,
        StartedAt = Now,
    };
}

