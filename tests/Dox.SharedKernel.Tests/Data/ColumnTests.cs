using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Tests.Ledger;
using Dox.SharedKernel.Tests.Modules;
using Microsoft.EntityFrameworkCore;

namespace Dox.SharedKernel.Tests.Data;

/// <summary>Moments and ids come back as they were, and sort, on both databases.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class ColumnTests(DatabaseProvider database)
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 29, 0, 59, 59, 999, TimeSpan.Zero);

    private TwoModules _modules = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _modules = await TwoModules.StartAsync(database);

    [OneTimeTearDown]
    public Task StopAsync() => _modules.DisposeAsync().AsTask();

    [Test]
    public async Task Moments_come_back_and_sort_and_compare()
    {
        DateTimeOffset[] moments = [.. Enumerable.Range(0, 50).Select(i => s_start.AddTicks(i * 7_777_770L))];
        await AddAsync("moment", [.. moments.Reverse().Select(m => (default(Id<Document>?), m))]);
        var middle = moments[25];

        var read = await _modules.Host.InDb<LedgerDbContext, List<DateTimeOffset>>(db => db.Entries.Where(e => e.Text == "moment").OrderBy(e => e.At).Select(e => e.At).ToListAsync());
        var since = await _modules.Host.InDb<LedgerDbContext, int>(db => db.Entries.CountAsync(e => e.Text == "moment" && e.At >= middle));

        Assert.That(read, Is.EqualTo(moments));
        Assert.That(read.Select(r => r.Offset), Is.All.EqualTo(TimeSpan.Zero));
        Assert.That(since, Is.EqualTo(25));
    }

    [Test]
    public async Task Ids_come_back_and_sort_by_when_they_were_made()
    {
        var ids = Enumerable.Range(0, 50).Select(i => new Id<Document>(Guid.CreateVersion7(s_start.AddMilliseconds(i * 37)))).ToList();
        await AddAsync("id", [.. Enumerable.Reverse(ids).Select(id => ((Id<Document>?)id, s_start))]);
        var one = ids[25];

        var read = await _modules.Host.InDb<LedgerDbContext, List<Id<Document>?>>(db => db.Entries.Where(e => e.Text == "id").OrderBy(e => e.Document).Select(e => e.Document).ToListAsync());
        var found = await _modules.Host.InDb<LedgerDbContext, int>(db => db.Entries.CountAsync(e => e.Document == one));

        Assert.That(read, Is.EqualTo(ids.Select(id => (Id<Document>?)id)));
        Assert.That(found, Is.EqualTo(1));
    }

    [Test]
    public void Rows_of_one_millisecond_are_in_the_order_in_which_they_were_made()
    {
        var order = default(RowOrder);
        var ids = Enumerable.Range(0, 10_000).Select(_ => order.Next(s_start)).ToList();
        ids.Add(order.Next(s_start.AddSeconds(-5)));

        Assert.That(ids.Select(i => i.ToString()), Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal).And.Unique);
        Assert.That(ids.Select(i => i.Version), Is.All.EqualTo(7));
    }

    private Task AddAsync(string text, IReadOnlyList<(Id<Document>? Document, DateTimeOffset At)> rows) => _modules.Host.InDb<LedgerDbContext>(async db =>
    {
        foreach (var (document, at) in rows) db.Entries.Add(new Entry { Id = Guid.CreateVersion7(s_start), Text = text, Document = document, At = at });
        await db.SaveChangesAsync();
    });
}
