using CsCheck;
using Dox.Orchestration.Data;
using Dox.Orchestration.Events;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Events;

/// <summary>The order of the feed, whatever order transactions begin, write and commit in.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class EventFeedTests(DatabaseProvider database)
{
    private const string Straight = "name: straight\nsteps:\n  - { name: A, action: effect }\n  - { name: B, action: effect }\n";

    private EventsHost _host = null!;

    private IEventLog Log => _host.Host.Services.GetRequiredService<IEventLog>();

    [SetUp]
    public async Task Start() => _host = await EventsHost.StartAsync(database, Straight);

    [TearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Every_line_of_every_journal_is_an_entry_once_and_in_its_order()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => _host.StartRunAsync("straight")));
        await _host.Host.WhenQuiet();
        var rows = await WhenReadAsync(60);

        Assert.That(rows.Select(r => r.Position), Is.EqualTo(Enumerable.Range(1, 60)));
        foreach (var run in runs)
            Assert.That(rows.Where(r => r.Line!.WorkflowId == run).Select(r => r.Line!.Sequence), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task Entries_can_be_read_in_pieces_of_any_size()
    {
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _host.StartRunAsync("straight")));
        var whole = await WhenReadAsync(24);

        foreach (var most in new[] { 1, 2, 5, 7, 100 })
        {
            var pieces = new List<FeedRow>();
            while (await Log.ReadAfterAsync(pieces.Count == 0 ? 0 : pieces[^1].Position, most, CancellationToken.None) is { Count: > 0 } piece) pieces.AddRange(piece);
            Assert.That(pieces, Is.EqualTo(whole));
        }
    }

    [Test]
    public async Task What_is_older_is_forgotten_and_the_newest_entry_stays()
    {
        await _host.StartRunAsync("straight");
        await WhenReadAsync(2);
        await Log.TrimAsync(TimeProvider.System.GetUtcNow().AddDays(1), CancellationToken.None);
        var (oldest, newest) = await Log.RangeAsync(CancellationToken.None);
        await _host.StartRunAsync("straight");
        await _host.Host.WhenQuiet();

        Assert.That((oldest, newest), Is.EqualTo((2, 2)).Or.EqualTo((1, 2)));
        Assert.That((await WhenReadAsync(3, after: 1)).Select(r => r.Position), Is.EqualTo(new[] { 2, 3, 4 }));
    }

    [Test]
    public async Task Transaction_that_began_first_and_commits_last_is_neither_missed_nor_passed()
    {
        if (database != DatabaseProvider.PostgreSql) Assert.Ignore("One transaction at a time writes to SQLite.");
        await using var slow = await Writer.OpenAsync(_host, 0);
        await using var fast = await Writer.OpenAsync(_host, 1);
        await slow.WriteAsync();
        await fast.WriteAsync();
        await fast.EndAsync(commit: true);
        // Another one, behind which the relay must have looked at the first two.
        await using var later = await Writer.OpenAsync(_host, 2);
        await later.WriteAsync();
        await later.EndAsync(commit: true);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Log.RangeAsync(CancellationToken.None)));
        Assert.That(await Log.ReadAfterAsync(0, 100, CancellationToken.None), Is.Empty);

        await slow.EndAsync(commit: true);

        Assert.That((await WhenReadAsync(3)).Select(r => r.Raised!.Type), Is.EqualTo(new[] { "0/0", "1/0", "2/0" }));
    }

    /// <summary>Each move lets one of four writers begin, write, commit or roll back, while the relay runs beside them and a reader follows.</summary>
    [Test]
    public Task Reader_misses_nothing_doubles_nothing_and_reorders_no_writer_under_any_interleaving() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9]).Array[20, 60].SampleAsync(InterleaveAsync, iter: database == DatabaseProvider.PostgreSql ? 15 : 5, threads: 1);

    private async Task InterleaveAsync((int Writer, int Move)[] moves)
    {
        var place = (await Log.RangeAsync(CancellationToken.None)).Newest;
        var writers = new List<Writer>();
        for (var i = 0; i < 4; i++) writers.Add(await Writer.OpenAsync(_host, i));
        using var done = new CancellationTokenSource();
        var seen = new List<string>();
        var reading = ReadAsync();
        foreach (var (writer, move) in moves)
        {
            // On SQLite the others wait while one has written: it must come to an end before they can.
            var actor = writers.Find(w => database == DatabaseProvider.Sqlite && w.IsOpen) ?? writers[writer];
            if (move < 5) await actor.WriteAsync();
            else await actor.EndAsync(commit: move < 8);
        }

        foreach (var writer in writers) await writer.EndAsync(commit: true);
        var expected = writers.SelectMany(w => w.Committed).ToHashSet(StringComparer.Ordinal);
        await EngineUntilAsync(() => seen.Count >= expected.Count);
        await done.CancelAsync();
        await reading;

        Assert.That(seen, Is.Unique);
        Assert.That(seen, Is.EquivalentTo(expected));
        foreach (var writer in writers) Assert.That(seen.Where(writer.Committed.Contains), Is.EqualTo(writer.Committed));
        foreach (var writer in writers) await writer.DisposeAsync();

        async Task ReadAsync()
        {
            while (!done.IsCancellationRequested)
            {
                var rows = await Log.ReadAfterAsync(place, 7, CancellationToken.None);
                foreach (var row in rows)
                {
                    Assert.That(row.Position, Is.EqualTo(place + 1));
                    place = row.Position;
                    lock (seen) seen.Add(row.Raised!.Type);
                }

                await Task.Yield();
            }
        }

        async Task EngineUntilAsync(Func<bool> holds)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            while (!holds() && !reading.IsFaulted) await look.WaitForNextTickAsync(limit.Token);
        }
    }

    private async Task<IReadOnlyList<FeedRow>> WhenReadAsync(int count, long after = 0)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            var rows = await Log.ReadAfterAsync(after, 10_000, CancellationToken.None);
            if (rows.Count >= count) return rows;
            if (limit.IsCancellationRequested) Assert.Fail($"{rows.Count} of {count} entries are in the feed.{Environment.NewLine}{_host.Host.Logs.Troubles}");
            await look.WaitForNextTickAsync();
        }
    }

    /// <summary>A connection of its own that raises events <c>writer/number</c>, one statement each.</summary>
    private sealed class Writer : IAsyncDisposable
    {
        private readonly AsyncServiceScope _scope;
        private readonly OrchestrationDbContext _db;
        private readonly int _number;
        private readonly List<string> _pending = [];
        private WriteTransaction? _write;
        private int _count;

        private Writer(AsyncServiceScope scope, int number) =>
            (_scope, _db, _number) = (scope, scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>(), number);

        public List<string> Committed { get; } = [];

        public bool IsOpen => _write is not null;

        public static Task<Writer> OpenAsync(EventsHost host, int number) => Task.FromResult(new Writer(host.Host.Services.CreateAsyncScope(), number));

        public async Task WriteAsync()
        {
            _write ??= await _db.BeginWriteAsync(CancellationToken.None);
            var name = $"{_number}/{_count++}";
            _db.RaisedEvents.Add(new RaisedEvent
            {
                EventId = new Id<Happening>(Guid.CreateVersion7(TimeProvider.System.GetUtcNow())),
                Bucket = 0,
                Type = name,
                Data = "{}",
                Service = "tests",
                Occurred = TimeProvider.System.GetUtcNow(),
            });
            await _db.SaveChangesAsync();
            _pending.Add(name);
        }

        public async Task EndAsync(bool commit)
        {
            if (_write is null) return;
            if (commit)
            {
                await _write.CommitAsync(CancellationToken.None);
                Committed.AddRange(_pending);
            }

            await _write.DisposeAsync();
            _write = null;
            _pending.Clear();
            _db.ChangeTracker.Clear();
        }

        public async ValueTask DisposeAsync()
        {
            await EndAsync(commit: false);
            await _scope.DisposeAsync();
        }
    }
}
