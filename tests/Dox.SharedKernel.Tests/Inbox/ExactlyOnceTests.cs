using CsCheck;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.SharedKernel.Tests.Ledger;
using Dox.SharedKernel.Tests.Modules;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Dox.SharedKernel.Tests.Inbox;

/// <summary>Whatever order of commits, roll-backs, failures and crashes: what was committed has its effect once with each subscriber, and nothing else has.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class ExactlyOnceTests(DatabaseProvider database)
{
    private enum Step
    {
        Commit,
        CommitThree,
        RollBack,
        Relay,
        RelayWhileOneFails,
        CrashWithALease,
        CrashBehindTheDelivery,
        TwoRelays,
    }

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private TwoModules _modules = null!;
    private int _run;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _modules = await TwoModules.StartAsync(database, clock: _clock, settings: [("Dox:Outbox:PollInterval", "1.00:00:00"), ("Dox:Outbox:BatchSize", "4"), ("Dox:Outbox:MaxAttempts", "1000")]);
        // The steps are this test's, not a loop's.
        foreach (var relay in Relays) await relay.StopAsync(default);
    }

    [OneTimeTearDown]
    public Task StopAsync() => _modules.DisposeAsync().AsTask();

    private OutboxRelay Relay => Relays.Single(r => r.Module == TwoModules.Ledger);

    private IEnumerable<OutboxRelay> Relays => _modules.Host.Services.GetServices<IHostedService>().OfType<OutboxRelay>();

    [Test]
    public Task Any_order_of_steps_has_each_committed_effect_once() =>
        Gen.Enum<Step>().Array[1, 14].SampleAsync(HoldsAsync, iter: 40, threads: 1);

    private async Task HoldsAsync(Step[] steps)
    {
        var run = Interlocked.Increment(ref _run);
        var (committed, rolledBack) = (new List<string>(), new List<string>());
        foreach (var step in steps)
        {
            var text = $"{run}/{committed.Count + rolledBack.Count}";
            switch (step)
            {
                case Step.Commit:
                    await RaiseAsync([text], commit: true);
                    committed.Add(text);
                    break;
                case Step.CommitThree:
                    string[] three = [$"{text}", $"{text}b", $"{text}c"];
                    await RaiseAsync(three, commit: true);
                    committed.AddRange(three);
                    break;
                case Step.RollBack:
                    await RaiseAsync([text], commit: false);
                    rolledBack.Add(text);
                    break;
                case Step.Relay:
                    await Relay.RelayAsync(default);
                    break;
                case Step.RelayWhileOneFails:
                    if (committed.Count > 0) _modules.Script.Fail(Script.DeskHears, committed[^1], () => new InvalidOperationException("Not now."), times: 2);
                    await Relay.RelayAsync(default);
                    break;
                case Step.CrashWithALease:
                    await LeaseAsync();
                    break;
                case Step.CrashBehindTheDelivery:
                    await DeliverAndCrashAsync();
                    break;
                case Step.TwoRelays:
                    await Task.WhenAll(Relay.RelayAsync(default), Relay.RelayAsync(default));
                    break;
            }
        }

        for (var left = 1; left > 0; left = await _modules.Host.InDb<LedgerDbContext, int>(db => db.Outbox.CountAsync()))
        {
            _clock.Advance(TimeSpan.FromMinutes(2));
            await Relay.RelayAsync(default);
        }

        foreach (var text in committed) Assert.That((await _modules.DeskHeardAsync(text), await _modules.LedgerHeardAsync(text)), Is.EqualTo((1, 1)), text);
        foreach (var text in rolledBack) Assert.That((await _modules.DeskHeardAsync(text), await _modules.LedgerHeardAsync(text)), Is.EqualTo((0, 0)), text);
    }

    private async Task RaiseAsync(string[] texts, bool commit)
    {
        await using var scope = _modules.Scope(TwoModules.Ledger);
        var db = scope.ServiceProvider.GetRequiredService<LedgerDbContext>();
        await using var write = await db.BeginWriteAsync(default);
        foreach (var text in texts) db.Raise(new EntryRecorded(text));
        await db.SaveChangesAsync();
        if (commit) await write.CommitAsync(default);
    }

    /// <summary>A relay that took rows and died.</summary>
    private Task LeaseAsync() => _modules.Host.InDb<LedgerDbContext>(async db =>
    {
        var (now, until) = (_clock.GetUtcNow(), _clock.GetUtcNow() + TimeSpan.FromMinutes(1));
        Guid? lease = Guid.CreateVersion7(now);
        await db.Outbox.Where(m => m.LeasedUntil == null).ExecuteUpdateAsync(s => s.SetProperty(m => m.Lease, lease).SetProperty(m => m.LeasedUntil, until));
    });

    /// <summary>A relay that died between a subscriber's commit and dropping the row.</summary>
    private async Task DeliverAndCrashAsync()
    {
        var rows = await _modules.Host.InDb<LedgerDbContext, List<OutboxMessage>>(db => db.Outbox.AsNoTracking().OrderBy(m => m.Id).Take(3).ToListAsync());
        var deliveries = _modules.Host.Services.GetRequiredService<DeliveryDispatcher>();
        foreach (var target in rows.GroupBy(r => r.Target, StringComparer.Ordinal))
            await deliveries.HandleAsync(target.Key, [.. target.Select(Sealed)], default);
    }

    private static Envelope Sealed(OutboxMessage row) =>
        new(row.MessageId, row.Name, TwoModules.Ledger, DoxHostFixture.Admin, row.Occurred) { Body = System.Text.Encoding.UTF8.GetBytes(row.Body) };
}
