using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Inbox;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.SharedKernel.Tests.Ledger;
using Dox.SharedKernel.Tests.Modules;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dox.SharedKernel.Tests.Outbox;

/// <summary>What leaves a module leaves it with what it tells of, and has its effect once.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class OutboxTests(DatabaseProvider database)
{
    private TwoModules _modules = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _modules = await TwoModules.StartAsync(database, settings: [("Dox:Outbox:PollInterval", "00:00:00.1"), ("Dox:Outbox:Lease", "00:00:02")]);

    [OneTimeTearDown]
    public Task StopAsync() => _modules.DisposeAsync().AsTask();

    [Test]
    public async Task Nothing_leaves_what_is_rolled_back()
    {
        await using (var scope = _modules.Scope(TwoModules.Ledger))
        {
            var db = scope.ServiceProvider.GetRequiredService<LedgerDbContext>();
            await using (await db.BeginWriteAsync(default))
            {
                db.Raise(new EntryRecorded("rolled back"));
                await db.SaveChangesAsync();
            }

            db.Raise(new EntryRecorded("behind it"));
            await db.SaveChangesAsync();
        }

        await Eventually.IsTrueAsync(async () => await _modules.DeskHeardAsync("behind it") == 1, "what was committed is heard");
        await _modules.Host.WhenQuiet();
        Assert.That((_modules.Script.Calls(Script.DeskHears, "rolled back"), _modules.Script.Calls(Script.LedgerHears, "rolled back")), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task What_is_raised_in_a_transaction_leaves_after_its_commit()
    {
        await using var scope = _modules.Scope(TwoModules.Ledger);
        var db = scope.ServiceProvider.GetRequiredService<LedgerDbContext>();
        await using var write = await db.BeginWriteAsync(default);
        db.Raise(new EntryRecorded("in a transaction"));
        await db.SaveChangesAsync();
        if (database == DatabaseProvider.PostgreSql)
        {
            // On SQLite its gate keeps everybody else out for as long.
            await _modules.RaiseAsync("beside the transaction");
            await Eventually.IsTrueAsync(async () => await _modules.DeskHeardAsync("beside the transaction") == 1, "what was committed is heard");
        }

        Assert.That(_modules.Script.Calls(Script.DeskHears, "in a transaction"), Is.Zero);

        await write.CommitAsync(default);
        await write.DisposeAsync();
        await Eventually.IsTrueAsync(async () => await _modules.DeskHeardAsync("in a transaction") == 1, "it is heard after the commit");
    }

    [Test]
    public async Task Delivered_again_after_a_crash_it_has_one_effect()
    {
        var envelope = Seal("crashed");
        var deliveries = _modules.Host.Services.GetRequiredService<DeliveryDispatcher>();

        var first = await deliveries.HandleAsync(TwoModules.Desk, [envelope], default);
        var again = await deliveries.HandleAsync(TwoModules.Desk, [envelope], default);
        var inBatch = await deliveries.HandleAsync(TwoModules.Desk, [envelope, envelope], default);

        Assert.That(first.Concat(again).Concat(inBatch), Is.All.Null);
        Assert.That((await _modules.DeskHeardAsync("crashed"), _modules.Script.Calls(Script.DeskHears, "crashed")), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task Delivered_twice_at_once_it_has_one_effect()
    {
        var envelope = Seal("twice at once");
        var gate = _modules.Script.Hold(Script.LedgerHears, "twice at once");
        var deliveries = _modules.Host.Services.GetRequiredService<DeliveryDispatcher>();
        var both = Enumerable.Range(0, 2).Select(_ => deliveries.HandleAsync(TwoModules.Ledger, [envelope], default)).ToList();
        await Eventually.IsTrueAsync(() => _modules.Script.Calls(Script.LedgerHears, "twice at once") == 2, "both are under way");
        gate.SetResult();

        var faults = await Task.WhenAll(both);

        Assert.That(faults.SelectMany(f => f), Is.All.Null);
        Assert.That(await _modules.LedgerHeardAsync("twice at once"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_row_whose_relay_died_is_delivered_once_its_lease_ends()
    {
        var now = _modules.Clock.GetUtcNow();
        await using (var scope = _modules.Scope(TwoModules.Ledger))
        {
            var db = scope.ServiceProvider.GetRequiredService<LedgerDbContext>();
            db.Raise(new EntryRecorded("leased to the dead"));
            foreach (var row in db.Outbox.Local)
            {
                row.Lease = Guid.CreateVersion7(now);
                row.LeasedUntil = now + TimeSpan.FromSeconds(2);
            }

            await db.SaveChangesAsync();
        }

        await Eventually.IsTrueAsync(async () => await _modules.DeskHeardAsync("leased to the dead") == 1, "somebody else delivers it");
        Assert.That(_modules.Clock.GetUtcNow() - now, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(2)));
    }

    [Test]
    public async Task Two_relays_at_once_don_t_deliver_a_row_twice()
    {
        // On SQLite a second process isn't allowed; two relays of one process share its gate.
        await using var quiet = await TwoModules.StartAsync(database, settings: [("Dox:Outbox:PollInterval", "1.00:00:00"), ("Dox:Outbox:BatchSize", "10")]);
        var first = Relay(quiet);
        await first.StopAsync(default);
        await quiet.RaiseAsync(Enumerable.Range(0, 60).Select(i => $"shared {i}"));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (await first.RelayAsync(default) > 0)
            {
            }
        })));

        for (var i = 0; i < 60; i++) Assert.That(quiet.Script.Calls(Script.DeskHears, $"shared {i}"), Is.EqualTo(1), $"shared {i}");
        Assert.That(await quiet.Host.InDb<LedgerDbContext, int>(db => db.Outbox.CountAsync()), Is.Zero);
    }

    [Test]
    public async Task A_relay_that_is_stopped_gives_its_rows_back()
    {
        await using var stopped = await TwoModules.StartAsync(database, settings: [("Dox:Outbox:Lease", "01:00:00")]);
        stopped.Script.Hold(Script.DeskHears, "interrupted");
        await stopped.RaiseAsync("interrupted");
        await Eventually.IsTrueAsync(() => stopped.Script.Calls(Script.DeskHears, "interrupted") == 1, "it is being delivered");

        await Relay(stopped).StopAsync(default);

        Assert.That(
            await stopped.Host.InDb<LedgerDbContext, int>(db => db.Outbox.CountAsync(m => m.Target == TwoModules.Desk && m.Lease == null && m.Attempts == 0)), Is.EqualTo(1));
    }

    [Test]
    public async Task The_inbox_forgets_after_a_week()
    {
        await using var swept = await TwoModules.StartAsync(database);
        await Relay(swept).StopAsync(default);
        var now = swept.Clock.GetUtcNow();
        await swept.Host.InDb<LedgerDbContext>(async db =>
        {
            db.Inbox.Add(new InboxMessage { Key = "old", Name = "x", Received = now - TimeSpan.FromDays(7.1) });
            db.Inbox.Add(new InboxMessage { Key = "young", Name = "x", Received = now - TimeSpan.FromDays(6.9) });
            await db.SaveChangesAsync();
        });

        await swept.Host.StopAsync();
        await swept.Host.StartAgainAsync();

        await Eventually.IsTrueAsync(() => swept.Host.InDb<LedgerDbContext, bool>(db => db.Inbox.AllAsync(m => m.Key != "old")), "the old one is forgotten");
        Assert.That(await swept.Host.InDb<LedgerDbContext, int>(db => db.Inbox.CountAsync(m => m.Key == "young")), Is.EqualTo(1));
    }

    private static OutboxRelay Relay(TwoModules modules) =>
        modules.Host.Services.GetServices<IHostedService>().OfType<OutboxRelay>().First(r => r.Module == TwoModules.Ledger);

    private Envelope Seal(string text)
    {
        var now = _modules.Clock.GetUtcNow();
        return new Envelope(Guid.CreateVersion7(now), "ledger.entry-recorded.v1", TwoModules.Ledger, DoxHostFixture.Admin, now) { Message = new EntryRecorded(text) }.Encoded();
    }
}
