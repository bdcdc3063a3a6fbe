using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.SharedKernel.Tests.Ledger;
using Dox.SharedKernel.Tests.Modules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dox.SharedKernel.Tests.Transport;

/// <summary>What a module may count on when it tells something, however the message travels.</summary>
[TestFixture(TransportKind.InProcess)]
[TestFixture(TransportKind.Redis)]
public sealed class DeliveryTests(TransportKind transport)
{
    private TwoModules _modules = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _modules = await TwoModules.StartAsync(
        DatabaseProvider.Sqlite, transport, [("Dox:Outbox:MaxAttempts", "3"), ("Dox:Outbox:PollInterval", "00:00:00.1"), ("Dox:Transport:DeliveryTimeout", "00:00:04")]);

    [OneTimeTearDown]
    public Task StopAsync() => _modules.DisposeAsync().AsTask();

    [Test]
    public async Task Both_subscribers_hear_it_once()
    {
        await _modules.SendAsync(new Record("both"));

        await Eventually.IsTrueAsync(async () => await _modules.LedgerHeardAsync("both") == 1 && await _modules.DeskHeardAsync("both") == 1, "both heard it");
        await _modules.Host.WhenQuiet();
        Assert.That((await _modules.LedgerHeardAsync("both"), await _modules.DeskHeardAsync("both")), Is.EqualTo((1, 1)));
        Assert.That(await _modules.DeskHeardAsync("given up: both"), Is.Zero);
    }

    [Test]
    public async Task One_subscriber_s_failure_is_none_of_the_other_s_business()
    {
        _modules.Script.Fail(Script.DeskHears, "uneven", () => new InvalidOperationException("Not yet."), times: 2);

        await _modules.RaiseAsync("uneven");

        await Eventually.IsTrueAsync(async () => await _modules.DeskHeardAsync("uneven") == 1, "the desk heard it at its third try");
        await _modules.Host.WhenQuiet();
        Assert.That(await _modules.LedgerHeardAsync("uneven"), Is.EqualTo(1));
        Assert.That(_modules.Script.Calls(Script.LedgerHears, "uneven"), Is.EqualTo(1), "who committed it isn't told again");
        Assert.That(_modules.Script.Calls(Script.DeskHears, "uneven"), Is.EqualTo(3));
    }

    [Test]
    public async Task A_handler_that_hangs_holds_nobody_up_and_its_message_is_given_up_with_the_reason()
    {
        // Neither heeds its token: what hangs for good doesn't.
        var never = new TaskCompletionSource();
        _modules.Script.On(Script.LedgerHears, "hangs", _ => never.Task);
        _modules.Script.On(Script.LedgerHears, "hangs too", _ => never.Task);

        await _modules.RaiseAsync("before", "hangs", "hangs too", "behind");

        await Eventually.IsTrueAsync(
            async () => await _modules.LedgerHeardAsync("before") == 1 && await _modules.LedgerHeardAsync("behind") == 1, "the ledger heard what came with it");
        await Eventually.IsTrueAsync(async () => await DeadAsync() == 2, "both are given up");
        var errors = await _modules.Host.InDb<LedgerDbContext, List<string?>>(db => db.Outbox.Where(m => m.Dead != null).Select(m => m.LastError).ToListAsync());
        Assert.That(errors, Has.All.Contains("wasn't done with ledger.entry-recorded.v1"));
        never.SetException(new InvalidOperationException("At last."));
        await _modules.Host.InDb<LedgerDbContext, int>(db => db.Outbox.Where(m => m.Dead != null).ExecuteDeleteAsync());

        Task<int> DeadAsync() => _modules.Host.InDb<LedgerDbContext, int>(db => db.Outbox.CountAsync(m => m.Dead != null));
    }

    [Test]
    public async Task Between_tries_the_relay_waits_longer_and_longer()
    {
        var tries = new ConcurrentQueue<DateTimeOffset>();
        _modules.Script.On(Script.DeskHears, "later", _ =>
        {
            tries.Enqueue(_modules.Clock.GetUtcNow());
            return tries.Count < 3 ? throw DoxException.Conflict("not_now", "Not now.") : Task.CompletedTask;
        });

        await _modules.RaiseAsync("later");

        await Eventually.IsTrueAsync(async () => await _modules.DeskHeardAsync("later") == 1, "the desk heard it");
        var times = tries.ToArray();
        Assert.That(times[1] - times[0], Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(0.49)));
        Assert.That(times[2] - times[1], Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(0.99)));
    }

    [Test]
    public async Task What_never_goes_well_is_given_up_and_told_of()
    {
        _modules.Script.Fail(Script.DeskHears, "poison", () => DoxException.Invalid("indigestible", "No good."));

        await _modules.RaiseAsync("poison");

        await Eventually.IsTrueAsync(async () => await DeadAsync("poison") is not null, "it was given up");
        var dead = await DeadAsync("poison");
        Assert.That((dead!.Attempts, dead.Target, dead.LastError), Is.EqualTo((3, TwoModules.Desk, "400 indigestible: No good.")));
        Assert.That(_modules.Script.Calls(Script.DeskHears, "poison"), Is.EqualTo(3));
        Assert.That(await _modules.LedgerHeardAsync("poison"), Is.EqualTo(1));
        Assert.That(_modules.Host.Logs.Lines.Where(l => l.Level == LogLevel.Error).Select(l => l.Message), Has.Some.Contains("gave up ledger.entry-recorded.v1"));
        Assert.That(await DeadGaugeAsync(), Is.GreaterThanOrEqualTo(1));

        await _modules.SendAsync(new Record("after poison"));
        await Eventually.IsTrueAsync(async () => await _modules.DeskHeardAsync("after poison") == 1, "others go through");
    }

    [Test]
    public async Task In_a_batch_only_what_fails_is_held_back()
    {
        _modules.Script.Fail(Script.DeskHears, "batch 7", () => new InvalidOperationException("Not this one."), times: 2);

        await _modules.RaiseAsync(Enumerable.Range(0, 20).Select(i => $"batch {i}"));

        await Eventually.IsTrueAsync(async () => await DeskHeardOfBatchAsync() == 20, "all of the batch is heard in the end");
        await _modules.Host.WhenQuiet();
        foreach (var i in Enumerable.Range(0, 20))
        {
            Assert.That(await _modules.DeskHeardAsync($"batch {i}"), Is.EqualTo(1), $"batch {i}");
            Assert.That(await _modules.LedgerHeardAsync($"batch {i}"), Is.EqualTo(1), $"batch {i}");
        }
    }

    [Test]
    public async Task What_one_transaction_raised_arrives_in_its_order()
    {
        string[] raised = [.. Enumerable.Range(0, 60).Select(i => $"order {i:00}")];

        await _modules.RaiseAsync(raised);

        await Eventually.IsTrueAsync(async () => await _modules.DeskHeardAsync("order 59") == 1, "the last is heard");
        await _modules.Host.WhenQuiet();
        Assert.That(_modules.Script.Texts(Script.DeskHears).Where(t => t.StartsWith("order", StringComparison.Ordinal)), Is.EqualTo(raised));
    }

    [Test]
    public async Task An_enqueued_command_is_sent_by_DOX_on_behalf_of_who_asked()
    {
        await using (var scope = _modules.Scope(TwoModules.Desk, new Caller("rita", "acme", [Role.Reviewer], [])))
        {
            var db = scope.ServiceProvider.GetRequiredService<DeskDbContext>();
            db.Enqueue(new Note("noted"));
            await db.SaveChangesAsync();
        }

        await Eventually.IsTrueAsync(async () => await _modules.EntriesAsync("noted by rita") == 1, "the command was done");
        await _modules.Host.WhenQuiet();
        Assert.That(_modules.Script.Calls(Script.Noting, "noted"), Is.EqualTo(1));
    }

    [Test]
    public async Task An_unknown_message_is_refused_and_doesn_t_stop_the_others()
    {
        await using (var scope = _modules.Scope(TwoModules.Ledger))
        {
            var db = scope.ServiceProvider.GetRequiredService<LedgerDbContext>();
            db.Raise(new EntryRecorded("beside an unknown one"));
            var known = db.Outbox.Local.First(m => m.Target == TwoModules.Desk);
            db.Outbox.Add(new OutboxMessage
            {
                Id = Guid.CreateVersion7(known.Occurred),
                MessageId = Guid.CreateVersion7(known.Occurred),
                Name = "ledger.of-tomorrow.v9",
                Target = TwoModules.Desk,
                Body = "{}",
                Caller = known.Caller,
                Occurred = known.Occurred,
                NextAttempt = known.NextAttempt,
            });
            await db.SaveChangesAsync();
        }

        await Eventually.IsTrueAsync(async () => await _modules.DeskHeardAsync("beside an unknown one") == 1, "the known one is heard");
        await Eventually.IsTrueAsync(async () => (await RowAsync(m => m.Name == "ledger.of-tomorrow.v9"))?.LastError is not null, "the unknown one is refused");
        Assert.That((await RowAsync(m => m.Name == "ledger.of-tomorrow.v9"))!.LastError, Does.Contain("unknown_message"));
    }

    private Task<OutboxMessage?> DeadAsync(string text) => RowAsync(m => m.Dead != null && m.Body.Contains(text));

    private Task<OutboxMessage?> RowAsync(System.Linq.Expressions.Expression<Func<OutboxMessage, bool>> which) =>
        _modules.Host.InDb<LedgerDbContext, OutboxMessage?>(db => db.Outbox.AsNoTracking().FirstOrDefaultAsync(which));

    private Task<int> DeskHeardOfBatchAsync() => _modules.Host.InDb<DeskDbContext, int>(db => db.Heard.CountAsync(h => h.Text.StartsWith("batch")));

    private async Task<long> DeadGaugeAsync()
    {
        await _modules.Host.Services.GetRequiredService<OutboxMetrics>().ReadAsync(default);
        long most = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Meter.Name == "Dox.Kernel" && instrument.Name == "outbox_dead") own.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => most = Math.Max(most, value));
        listener.Start();
        listener.RecordObservableInstruments();
        return most;
    }
}
