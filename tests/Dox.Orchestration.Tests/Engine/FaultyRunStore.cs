using System.Data.Common;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Engine;

/// <summary>
/// The real store behind a bad line: some calls never arrive, some are done and reported as timed out, some are rolled back, some find that
/// the lease is lost. The same tests must pass with it: what they see is late, and never wrong.
/// </summary>
internal sealed class FaultyRunStore(IRunStore inner, double rate) : IRunStore
{
    /// <summary>Which part of the calls goes wrong, in all tests of this assembly: <c>0.05</c>.</summary>
    public const string Variable = "DOX_TEST_STORE_FAULTS";

    private readonly Random _dice = new(4711);

    /// <summary>Whether the environment asks for faults.</summary>
    public static bool IsAsked { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>Puts it between the engine and its store, and lets the engine look sooner for what it lost.</summary>
    public static void AddTo(IServiceCollection services, double rate)
    {
        services.Decorate<IRunStore>((store, _) => new FaultyRunStore(store, rate));
        services.PostConfigure<EngineOptions>(options => options.LostAfter = TimeSpan.FromMilliseconds(500));
    }

    public int WritesAtOnce => inner.WritesAtOnce;

    public async Task<IReadOnlyList<RunWriteResult>> WriteAsync(IReadOnlyList<RunWrite> batch, CancellationToken cancellationToken)
    {
        // A lease that is lost for no reason: another node took the run for a moment. A start has none to lose.
        if (Throws(rate / 5) && batch.All(w => w.Kind == RunWriteKind.Change && w.Expected.Owner is not null))
            return [.. batch.Select(_ => new RunWriteResult(RunWriteOutcome.Stale))];
        return await CallAsync(() => inner.WriteAsync(batch, cancellationToken));
    }

    public Task<IReadOnlyList<OpenRun>> ClaimAsync(RunClaim claim, CancellationToken cancellationToken) => CallAsync(() => inner.ClaimAsync(claim, cancellationToken));

    public async Task ReleaseAsync(string owner, IReadOnlyList<RunRelease> releases, CancellationToken cancellationToken) => await CallAsync(async () =>
    {
        await inner.ReleaseAsync(owner, releases, cancellationToken);
        return true;
    });

    public Task<IReadOnlyList<string>> OwnersAsync(CancellationToken cancellationToken) => CallAsync(() => inner.OwnersAsync(cancellationToken));

    public Task<IReadOnlyDictionary<Id<Workflow>, RunIntent>> IntentsAsync(string owner, CancellationToken cancellationToken) =>
        CallAsync(() => inner.IntentsAsync(owner, cancellationToken));

    // Asked by a person's request, which says that it failed; that is another test's matter
    public Task<IntentOutcome> SetIntentAsync(Id<Workflow> run, RunIntent? intent, AuditRecord? audit, CancellationToken cancellationToken) => inner.SetIntentAsync(run, intent, audit, cancellationToken);

    public Task<RunRow?> FindAsync(Id<Workflow> run, CancellationToken cancellationToken) => inner.FindAsync(run, cancellationToken);

    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        if (Throws(rate / 3)) throw new Fault("terminating connection due to administrator command");
        if (Throws(rate / 3)) throw new Fault("could not serialize access due to concurrent update");
        var result = await call();
        return Throws(rate / 3) ? throw new TimeoutException("The database didn't answer in time.") : result;
    }

    private bool Throws(double probability)
    {
        lock (_dice) return _dice.NextDouble() < probability;
    }

    private sealed class Fault(string message) : DbException(message)
    {
        public override bool IsTransient => true;
    }
}
