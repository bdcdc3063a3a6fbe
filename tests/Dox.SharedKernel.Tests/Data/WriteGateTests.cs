using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Tests.Ledger;
using Dox.SharedKernel.Tests.Modules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.SharedKernel.Tests.Data;

public sealed class WriteGateTests
{
    [Test]
    public async Task Two_hundred_writers_of_one_file_all_get_through()
    {
        await using var modules = await TwoModules.StartAsync(DatabaseProvider.Sqlite);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            await using var scope = modules.Scope(TwoModules.Ledger);
            var db = scope.ServiceProvider.GetRequiredService<LedgerDbContext>();
            // Half of them as most handlers do, half in a transaction that reads before it writes.
            await using var write = i % 2 == 0 ? null : await db.BeginWriteAsync(default);
            await db.Entries.CountAsync();
            db.Entries.Add(new Entry { Id = Guid.CreateVersion7(modules.Clock.GetUtcNow()), Text = "parallel", At = modules.Clock.GetUtcNow() });
            await db.SaveChangesAsync();
            if (write is not null) await write.CommitAsync(default);
        })));

        Assert.That(await modules.EntriesAsync("parallel"), Is.EqualTo(200));
    }

    [Test]
    public async Task A_writer_that_fails_or_is_cancelled_lets_the_next_one_in()
    {
        await using var modules = await TwoModules.StartAsync(DatabaseProvider.Sqlite);
        await using var scope = modules.Scope(TwoModules.Ledger);
        var db = scope.ServiceProvider.GetRequiredService<LedgerDbContext>();
        var id = Guid.CreateVersion7(modules.Clock.GetUtcNow());
        db.Entries.Add(new Entry { Id = id, Text = "first" });
        await db.SaveChangesAsync();
        await using (var other = modules.Scope(TwoModules.Ledger))
        {
            var twice = other.ServiceProvider.GetRequiredService<LedgerDbContext>();
            twice.Entries.Add(new Entry { Id = id, Text = "the same id" });
            await Assert.ThatAsync(() => twice.SaveChangesAsync(), Throws.InstanceOf<DbUpdateException>());
        }

        await using (await db.BeginWriteAsync(default))
        {
            await using var waiting = modules.Scope(TwoModules.Ledger);
            using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            await Assert.ThatAsync(
                () => waiting.ServiceProvider.GetRequiredService<LedgerDbContext>().BeginWriteAsync(cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
        }

        await modules.SendAsync(new Record("next"));
        Assert.That(await modules.EntriesAsync("next"), Is.EqualTo(1));
    }
}
