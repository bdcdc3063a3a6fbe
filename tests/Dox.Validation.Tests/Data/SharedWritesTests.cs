using Dox.Validation.Data;

namespace Dox.Validation.Tests.Data;

internal sealed class SharedWritesTests
{
    [Test]
    public async Task What_comes_while_one_writes_is_written_together_in_its_order_and_each_gets_its_own_answer()
    {
        var (batches, first) = (new List<IReadOnlyList<int>>(), new TaskCompletionSource());
        using var writes = new SharedWrites<int, string>(100, async items =>
        {
            batches.Add(items);
            if (batches.Count == 1) await first.Task;
            return [.. items.Select(item => $"answer to {item}")];
        });

        var answers = Enumerable.Range(0, 61).Select(item => writes.WriteAsync(item, CancellationToken.None)).ToList();
        first.SetResult();

        Assert.That(await Task.WhenAll(answers), Is.EqualTo(Enumerable.Range(0, 61).Select(item => $"answer to {item}")));
        Assert.That(batches.Select(b => b.Count), Is.EqualTo([1, 60]));
        Assert.That(batches.SelectMany(b => b), Is.EqualTo(Enumerable.Range(0, 61)));
    }

    [Test]
    public async Task No_more_share_a_write_than_may()
    {
        var (sizes, first) = (new List<int>(), new TaskCompletionSource());
        using var writes = new SharedWrites<int, int>(10, async items =>
        {
            sizes.Add(items.Count);
            if (sizes.Count == 1) await first.Task;
            return items;
        });

        var answers = Enumerable.Range(0, 36).Select(item => writes.WriteAsync(item, CancellationToken.None)).ToList();
        first.SetResult();
        await Task.WhenAll(answers);

        Assert.That(sizes, Is.EqualTo([1, 10, 10, 10, 5]));
    }

    [Test]
    public async Task A_write_that_fails_is_told_to_all_who_shared_it_and_to_nobody_else()
    {
        var (count, first) = (0, new TaskCompletionSource());
        using var writes = new SharedWrites<int, int>(100, async items =>
        {
            if (++count == 1) await first.Task;
            return items.Contains(7) ? throw new IOException("The disk is full.") : items;
        });

        var alone = writes.WriteAsync(1, CancellationToken.None);
        var together = Enumerable.Range(5, 5).Select(item => writes.WriteAsync(item, CancellationToken.None)).ToList();
        first.SetResult();

        Assert.That(await alone, Is.EqualTo(1));
        foreach (var one in together) Assert.That(() => one, Throws.TypeOf<IOException>());
        Assert.That(await writes.WriteAsync(8, CancellationToken.None), Is.EqualTo(8), "the next one is written");
    }

    [Test]
    public async Task Who_stops_waiting_holds_nobody_up()
    {
        var first = new TaskCompletionSource();
        using var writes = new SharedWrites<int, int>(100, async items =>
        {
            await first.Task;
            return items;
        });
        using var enough = new CancellationTokenSource();

        var writing = writes.WriteAsync(1, CancellationToken.None);
        var leaving = writes.WriteAsync(2, enough.Token);
        var staying = writes.WriteAsync(3, CancellationToken.None);
        await enough.CancelAsync();
        Assert.That(() => leaving, Throws.InstanceOf<OperationCanceledException>());
        first.SetResult();

        Assert.That(await Task.WhenAll(writing, staying), Is.EqualTo([1, 3]));
    }
}
