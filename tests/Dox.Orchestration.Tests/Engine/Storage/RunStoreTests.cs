using CsCheck;
using Dox.Orchestration.Documents;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Workflows.Rules;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Tests.Engine.Storage;

/// <summary>What every store must hold to.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class RunStoreTests(DatabaseProvider database)
{
    private StoreHost _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _host = await StoreHost.StartAsync(database);

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Checkpoints_follow_each_other_to_the_end_and_leave_a_chain()
    {
        var start = StoreHost.Start(owner: StoreHost.Me);
        var first = StoreHost.Next(start);
        var end = StoreHost.Next(first, "B", ends: true);
        Assert.That(new[] { await _host.WriteAsync(start), await _host.WriteAsync(first), await _host.WriteAsync(end) }, Is.All.EqualTo(new[] { RunWriteOutcome.Written }));
        var (row, journal) = (await _host.FindAsync(end), await _host.JournalAsync(end));
        Assert.Multiple(() =>
        {
            Assert.That(row, Is.InstanceOf<EndedRun>());
            Assert.That((row!.State, row.CurrentStep, row.JournalLength), Is.EqualTo(("""{"cursor":"B"}""", "B", 2)));
            Assert.That(row.JournalHash, Is.EqualTo(journal[^1].Hash));
            Assert.That(JournalEntry.IsChained(journal), Is.True);
        });
    }

    [Test]
    public async Task Stale_writes_change_nothing()
    {
        var start = StoreHost.Start(owner: StoreHost.Me);
        var first = StoreHost.Next(start);
        await _host.WriteAsync(start);
        await _host.WriteAsync(first);
        var (token, owner, length) = (StoreHost.Next(first, "Token"), StoreHost.Next(first, "Owner"), StoreHost.Next(first, "Length"));
        token.Expected = token.Expected with { Token = 7 };
        owner.Expected = owner.Expected with { Owner = "node-2" };
        length.Expected = length.Expected with { JournalLength = 0 };
        foreach (var stale in new[] { token, owner, length }) Assert.That(await _host.WriteAsync(stale), Is.EqualTo(new[] { RunWriteOutcome.Stale }), stale.CurrentStep);
        Assert.That((await _host.FindAsync(first))!.CurrentStep, Is.EqualTo("A"));
        Assert.That(await _host.JournalAsync(first), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_bad_write_leaves_its_neighbours()
    {
        var starts = Enumerable.Range(0, 5).Select(_ => StoreHost.Start(owner: StoreHost.Me)).ToArray();
        await _host.WriteAsync(starts);
        var next = starts.Select(s => StoreHost.Next(s, ends: s == starts[1])).ToArray();
        next[2].Expected = next[2].Expected with { Token = 9 };
        var known = StoreHost.Start(owner: StoreHost.Me);
        await _host.WriteAsync(known);
        Assert.That(await _host.WriteAsync([.. next, known]), Is.EqualTo(new[]
        {
            RunWriteOutcome.Written, RunWriteOutcome.Written, RunWriteOutcome.Stale, RunWriteOutcome.Written, RunWriteOutcome.Written, RunWriteOutcome.WrittenBefore,
        }));
        Assert.That(await _host.FindAsync(starts[1]), Is.InstanceOf<EndedRun>());
        Assert.That((await _host.FindAsync(starts[2]))!.JournalLength, Is.Zero);
    }

    [Test]
    public async Task What_was_written_before_is_known_and_not_doubled()
    {
        var start = StoreHost.Start(owner: StoreHost.Me);
        var (first, end) = (StoreHost.Next(start), StoreHost.Next(StoreHost.Next(start), "B", ends: true));
        foreach (var write in new[] { start, first, end })
        {
            Assert.That(await _host.WriteAsync(write), Is.EqualTo(new[] { RunWriteOutcome.Written }));
            Assert.That(await _host.WriteAsync(write), Is.EqualTo(new[] { RunWriteOutcome.WrittenBefore }));
        }

        Assert.That(await _host.JournalAsync(end), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task What_lets_the_run_go_is_known_again_however_far_it_has_come()
    {
        var start = StoreHost.Start(owner: StoreHost.Me);
        var end = StoreHost.Next(start, ends: true);
        var reopen = StoreHost.Next(end, "B");
        (reopen.Kind, reopen.Owner, reopen.Token, reopen.WakeAt) = (RunWriteKind.Reopen, null, end.Token + 1, StoreHost.Now.AddDays(-1));
        await _host.WriteAsync(start);
        await _host.WriteAsync(end);
        await _host.WriteAsync(reopen);
        var further = StoreHost.Next(reopen, "C", ends: true);
        Assert.That(await _host.WriteAsync(further), Is.EqualTo(new[] { RunWriteOutcome.Written }));

        Assert.That(await _host.WriteAsync(reopen), Is.EqualTo(new[] { RunWriteOutcome.WrittenBefore }));
        Assert.That(await _host.JournalAsync(end), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Ended_is_ended_until_it_is_reopened()
    {
        var start = StoreHost.Start(owner: StoreHost.Me);
        var end = StoreHost.Next(start, ends: true);
        await _host.WriteAsync(start);
        await _host.WriteAsync(end);
        Assert.That(await _host.WriteAsync(StoreHost.Next(end, "B")), Is.EqualTo(new[] { RunWriteOutcome.Stale }));
        var again = StoreHost.Start();
        Assert.That(await _host.WriteAsync(new RunWrite { Run = start.Run, Kind = RunWriteKind.Start, Token = 1, State = again.State, UpdatedAt = StoreHost.Now }), Is.EqualTo(new[] { RunWriteOutcome.Conflict }));

        var reopen = StoreHost.Next(end, "B");
        (reopen.Kind, reopen.Owner, reopen.Token, reopen.WakeAt) = (RunWriteKind.Reopen, null, end.Token + 1, StoreHost.Now.AddDays(1));
        Assert.That(await _host.WriteAsync(reopen), Is.EqualTo(new[] { RunWriteOutcome.Written }));
        var row = (OpenRun)(await _host.FindAsync(end))!;
        Assert.That((row.Token, row.Owner, row.JournalLength, JournalEntry.IsChained(await _host.JournalAsync(end))), Is.EqualTo((2, (string?)null, 2, true)));
    }

    [Test]
    public async Task A_start_whose_key_or_document_is_taken_leaves_nothing_of_itself()
    {
        var (first, sameKey, sameContent) = (Bring("content-1", "key-1"), Bring("content-2", "key-1"), Bring("content-1", "key-2"));
        Assert.That(await _host.WriteAsync(first, sameKey, sameContent), Is.EqualTo(new[] { RunWriteOutcome.Written, RunWriteOutcome.Conflict, RunWriteOutcome.Conflict }));
        Assert.That(await _host.WriteAsync(first), Is.EqualTo(new[] { RunWriteOutcome.WrittenBefore }));
        Assert.That(await _host.InDb(db => db.Documents.Where(d => d.Account == "bringer").Select(d => d.Sha256).ToListAsync()), Is.EqualTo(new[] { "content-1" }));
        Assert.That(await _host.InDb(db => db.StartKeys.Where(k => k.Account == "bringer").Select(k => k.Key).ToListAsync()), Is.EqualTo(new[] { "key-1" }));
        Assert.That(new[] { await _host.FindAsync(sameKey), await _host.FindAsync(sameContent) }, Is.All.Null);
    }

    [Test]
    public async Task A_wish_is_answered_by_the_next_checkpoint_and_gone_when_it_is_met()
    {
        var start = StoreHost.Start(owner: StoreHost.Me);
        await _host.WriteAsync(start);
        var wish = new RunIntent(IntentKind.Pause, "olga", "too many");
        Assert.That(await _host.Store.SetIntentAsync(start.Run.Id, wish, audit: null, CancellationToken.None), Is.EqualTo(IntentOutcome.Left));
        Assert.That(await _host.Store.IntentsAsync(StoreHost.Me, CancellationToken.None), Does.ContainKey(start.Run.Id).WithValue(wish));
        var first = StoreHost.Next(start);
        Assert.That((await _host.Store.WriteAsync([first], CancellationToken.None))[0].Intent, Is.EqualTo(wish));

        var met = StoreHost.Next(first, "B");
        (met.IntentIsMet, met.Owner) = (true, null);
        Assert.That((await _host.Store.WriteAsync([met], CancellationToken.None))[0].Intent, Is.Null);
        Assert.That(await _host.Store.SetIntentAsync(start.Run.Id, wish, audit: null, CancellationToken.None), Is.EqualTo(IntentOutcome.NotHeld));
        Assert.That(await _host.Store.SetIntentAsync(StoreHost.Start().Run.Id, wish, audit: null, CancellationToken.None), Is.EqualTo(IntentOutcome.NotOpen));
    }

    [Test]
    public async Task Claims_take_high_priority_first_and_let_accounts_take_turns()
    {
        await DrainAsync();
        var many = Enumerable.Range(0, 30).Select(i => StoreHost.Start("busy", at: StoreHost.Now.AddMinutes(-30), wakeAt: StoreHost.Now.AddMinutes(i - 40))).ToArray();
        var (page, urgent) = (StoreHost.Start("small"), StoreHost.Start("busy", RulePriority.High));
        await _host.WriteAsync([.. many, page, urgent, StoreHost.Start("later", wakeAt: StoreHost.Now.AddSeconds(1))]);
        var taken = (await _host.DueAsync(4)).Select(r => r.Id).ToList();
        Assert.That(taken, Is.EquivalentTo(new[] { urgent.Run.Id, page.Run.Id, many[0].Run.Id, many[1].Run.Id }));
        Assert.That(await _host.DueAsync(100), Has.Count.EqualTo(28));
        Assert.That(await _host.DueAsync(100), Is.Empty, "What isn't due isn't taken.");
    }

    [Test]
    public async Task Dead_nodes_runs_are_taken_over_with_a_higher_token_and_counted()
    {
        var runs = Enumerable.Range(0, 3).Select(_ => StoreHost.Start(owner: "dead")).ToArray();
        await _host.WriteAsync(runs);
        Assert.That(await _host.Store.OwnersAsync(CancellationToken.None), Does.Contain("dead"));
        var taken = await _host.Store.ClaimAsync(new RunClaim.Abandoned(StoreHost.Me, 10, ["dead"]), CancellationToken.None);
        Assert.That(taken.Select(r => (r.Token, r.Recoveries, r.Owner)), Is.EqualTo(Enumerable.Repeat((2L, 1, (string?)StoreHost.Me), 3)));
        Assert.That(await _host.WriteAsync(StoreHost.Next(runs[0])), Is.EqualTo(new[] { RunWriteOutcome.Stale }));
        await _host.Store.ReleaseAsync(StoreHost.Me, [.. taken.Select(r => new RunRelease(r.Id, r.Token, StoreHost.Now.AddDays(1)))], CancellationToken.None);
        Assert.That(((OpenRun)(await _host.FindAsync(runs[0]))!).Owner, Is.Null);
    }

    [Test]
    public async Task No_run_is_given_to_two_whoever_asks_at_once() =>
        await Gen.Select(Gen.Int[1, 40], Gen.Int[2, 5], Gen.Int[1, 9]).SampleAsync(async (count, nodes, most) =>
        {
            await DrainAsync();
            var runs = Enumerable.Range(0, count).Select(i => StoreHost.Start($"acc-{i % 3}")).ToArray();
            await _host.WriteAsync(runs);
            var taken = await Task.WhenAll(Enumerable.Range(0, nodes).Select(n => Task.Run(async () =>
            {
                var mine = new List<Id<Workflow>>();
                for (var empty = 0; empty < 2;)
                {
                    var got = await _host.DueAsync(most, $"node-{n}");
                    mine.AddRange(got.Select(r => r.Id));
                    empty = got.Count == 0 ? empty + 1 : 0;
                }

                return mine;
            })));
            Assert.That(taken.SelectMany(t => t), Is.EquivalentTo(runs.Select(r => r.Run.Id)));
        }, iter: 15, threads: 1);

    private static RunWrite Bring(string content, string key)
    {
        var write = StoreHost.Start("bringer", owner: StoreHost.Me);
        write.Document = new DocumentRecord
        {
            Id = Id<Document>.New(TimeProvider.System),
            Bucket = write.Run.Bucket,
            Account = "bringer",
            SubmittedBy = "anna",
            FileName = "a.pdf",
            MediaType = "application/pdf",
            Sha256 = content,
            Length = 1,
            Metadata = "{}",
            Validation = "{}",
            WorkflowId = write.Run.Id,
            Created = StoreHost.Now,
        };
        write.Keys = [new StartKey { Account = "bringer", Key = key, WorkflowId = write.Run.Id, Created = StoreHost.Now }];
        return write;
    }

    private async Task DrainAsync()
    {
        while ((await _host.DueAsync(1000)).Count > 0)
        {
        }
    }
}
