using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.MemoryBanks;
using Dox.TeamCoordination.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.TeamCoordination.Tests.MemoryBanks;

/// <summary>Whatever order writers, outside programs, crashes and expiring locks come in: each increment counts, and counts once.</summary>
[TestFixture(DatabaseProvider.Sqlite, 150)]
[TestFixture(DatabaseProvider.PostgreSql, 60)]
internal sealed class BankInterleavingTests(DatabaseProvider provider, int runs)
{
    private TeamsHost _host = null!;
    private int _case;

    private enum Act
    {
        Update,
        Prepare,
        Replace,
        Mark,
        CrashWriter,
        OutsideBegins,
        OutsideFinishes,
        OutsideDies,
        TimePasses,
        Break,
    }

    [OneTimeSetUp]
    public async Task StartAsync() =>
        _host = await TeamsHost.StartAsync(provider, writesBanks: false, ("Dox:MemoryBanks:BatchSize", "3"), ("Dox:MemoryBanks:KeepApplied", "00:01:00"));

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public Task Nothing_is_lost_and_nothing_counts_twice() =>
        Steps(Act.OutsideDies + 1, Act.TimePasses).SampleAsync(steps => RunAsync(steps), iter: runs, threads: 1, print: Print);

    [Test]
    public Task What_dox_counted_survives_banks_that_break() =>
        Steps(Act.OutsideBegins, Act.TimePasses, Act.Break).SampleAsync(steps => RunAsync(steps), iter: runs, threads: 1, print: Print);

    // Acts before the limit, and some more; each by one of two of its kind, with an amount.
    private static Gen<(Act Act, int Who, int Amount)[]> Steps(Act before, params Act[] more)
    {
        Act[] acts = [.. Enum.GetValues<Act>().Where(a => a < before), .. more];
        return Gen.Select(Gen.Int[0, acts.Length - 1].Select(i => acts[i]), Gen.Int[0, 1], Gen.Int[1, 9]).Array[5, 60];
    }

    private static string Print((Act Act, int Who, int Amount)[] steps) => string.Join(' ', steps.Select(s => $"{s.Act}:{s.Who}:{s.Amount}"));

    private async Task RunAsync((Act Act, int Who, int Amount)[] steps)
    {
        var file = $"SERVICE_case-{provider}-{++_case}.json";
        var path = Path.Combine(_host.BankPath, file);
        await using var writers = new Writers(_host, file);
        OutsideWriter[] outside = [new(path, "out-0", _host.Clock), new(path, "out-1", _host.Clock)];
        var (ours, theirs) = (0, 0);
        foreach (var (act, who, amount) in steps)
        {
            switch (act)
            {
                case Act.Update:
                    await _host.SendAsync(new UpdateMemoryBanks([new(file, JsonSerializer.SerializeToElement(new Dictionary<string, string>(StringComparer.Ordinal) { ["ours"] = $"+{amount}" }))]));
                    ours += amount;
                    break;
                case Act.OutsideBegins when !outside[who].IsWriting:
                    outside[who].Begin();
                    break;
                case Act.OutsideFinishes when outside[who].IsWriting:
                    // It adds to our number too: an increment of ours that overwrote it would show.
                    if (outside[who].Finish(amount % 2 == 0 ? "ours" : "theirs", amount))
                        _ = amount % 2 == 0 ? ours += amount : theirs += amount;
                    break;
                case Act.OutsideDies:
                    outside[who].Die();
                    break;
                case Act.TimePasses:
                    _host.Clock.Advance(TimeSpan.FromSeconds(amount * 6));
                    break;
                case Act.Break when File.Exists(path):
                    await File.WriteAllTextAsync(path, $"{{ \"ours\": {amount}");
                    break;
                default:
                    await writers.ActAsync(act, who);
                    break;
            }
        }

        await writers.FinishAsync();
        var bank = JsonNode.Parse(await File.ReadAllTextAsync(path))!;
        Assert.That(((int?)bank["ours"] ?? 0, (int?)bank["theirs"] ?? 0), Is.EqualTo((ours, theirs)));
    }

    /// <summary>Two processes' writers of one bank, each of which may stop between any two steps.</summary>
    private sealed class Writers(TeamsHost host, string file) : IAsyncDisposable
    {
        private readonly BankWriter[] _writers = [Make(host), Make(host)];
        private readonly BankEdit?[] _edits = new BankEdit?[2];
        private readonly bool[] _replaced = new bool[2];
        private readonly AsyncServiceScope[] _scopes = [host.Services.CreateAsyncScope(), host.Services.CreateAsyncScope()];

        public async Task ActAsync(Act act, int who)
        {
            switch (act)
            {
                case Act.Prepare when _edits[who] is null:
                    _edits[who] = await _writers[who].PrepareAsync(file, _scopes[who], CancellationToken.None);
                    _replaced[who] = false;
                    break;
                case Act.Replace when _edits[who] is { } edit && !_replaced[who]:
                    _replaced[who] = edit.Replace();
                    if (!_replaced[who]) Drop(who, isCrash: false);
                    break;
                case Act.Mark when _edits[who] is { } edit && _replaced[who]:
                    await _writers[who].MarkAsync(edit, _scopes[who], CancellationToken.None);
                    Drop(who, isCrash: false);
                    break;
                case Act.CrashWriter:
                    Drop(who, isCrash: true);
                    _writers[who] = Make(host);
                    break;
            }
        }

        /// <summary>Both processes are started again once what they held has run out; the first brings the bank up to date.</summary>
        public async Task FinishAsync()
        {
            for (var who = 0; who < 2; who++) await ActAsync(Act.CrashWriter, who);
            host.Clock.Advance(TimeSpan.FromSeconds(31));
            do
            {
                Assert.That(await _writers[0].WriteAsync(file, CancellationToken.None), Is.True);
            }
            while (await host.QueryAsync(db => db.BankUpdates.AnyAsync(u => u.File == file && u.Batch == null)));
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var scope in _scopes) await scope.DisposeAsync();
        }

        // A process that was killed leaves its lock and its half-made file; one that goes on clears up.
        private void Drop(int who, bool isCrash)
        {
            if (!isCrash) _edits[who]?.Dispose();
            _edits[who] = null;
        }

        private static BankWriter Make(TeamsHost host) => ActivatorUtilities.CreateInstance<BankWriter>(host.Services);
    }
}
