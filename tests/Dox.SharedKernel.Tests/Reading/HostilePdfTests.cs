using Dox.DocumentReading;

namespace Dox.SharedKernel.Tests.Reading;

public sealed class HostilePdfTests : ReaderTests
{
    [Test]
    public async Task Gigabyte_bomb_is_refused_at_the_budget()
    {
        var bomb = HostilePdf.Bomb(1L << 30);
        var result = await InspectAsync(bomb);

        Assert.That((result.Outcome, result.Code), Is.EqualTo((ReadingOutcome.TooLarge, "inflate_ratio_too_high")));
        Assert.That(result.InflatedBytes, Is.LessThan(128L << 20), "it stops at the budget");
    }

    [Test]
    public async Task Bomb_that_no_cross_reference_names_is_refused()
    {
        var result = await InspectAsync(HostilePdf.LooseBomb(300L << 20));

        Assert.That((result.Outcome, result.Code), Is.EqualTo((ReadingOutcome.TooLarge, "inflate_ratio_too_high")));
    }

    [TestCase("/Filter/FlateDecode", 1)]
    [TestCase("/Filter[/FlateDecode/FlateDecode]", 2)]
    [TestCase("/Filter 91 0 R", 1)]
    public async Task Pdf_that_does_not_open_is_measured_all_the_same(string dictionary, int times)
    {
        var (bomb, small) = (HostilePdf.Zeros(300L << 20), HostilePdf.Zeros(1 << 20));
        if (times == 2) (bomb, small) = (TestPdf.Deflated(bomb), TestPdf.Deflated(small));
        var (refused, broken) = (await InspectAsync(HostilePdf.Ruin(dictionary, bomb)), await InspectAsync(HostilePdf.Ruin(dictionary, small)));

        Assert.That((refused.Outcome, refused.Code), Is.EqualTo((ReadingOutcome.TooLarge, "inflate_ratio_too_high")));
        Assert.That(broken.Outcome, Is.EqualTo(ReadingOutcome.Broken));
    }

    [Test]
    public async Task Page_that_is_a_bomb_is_refused_by_both_operations()
    {
        var bomb = HostilePdf.PageBomb(300L << 20);
        var (inspection, text) = (await InspectAsync(bomb), await ReadTextAsync(bomb));

        Assert.That((inspection.Outcome, text.Outcome), Is.EqualTo((ReadingOutcome.TooLarge, ReadingOutcome.TooLarge)));
        Assert.That(text.Code, Is.EqualTo("inflate_ratio_too_high"));
    }

    [Test]
    public async Task Bomb_in_an_object_stream_or_behind_two_filters_is_refused()
    {
        var twice = TestPdf.WithPage();
        twice.AddStream("/Filter[/FlateDecode/FlateDecode]", TestPdf.Deflated(TestPdf.Deflated(new byte[200 << 20])));
        var store = TestPdf.WithPage();
        store.AddStream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", TestPdf.Deflated(new byte[200 << 20]));
        var (first, second) = (await InspectAsync(twice.Build()), await InspectAsync(store.Build()));

        Assert.That((first.Outcome, second.Outcome), Is.EqualTo((ReadingOutcome.TooLarge, ReadingOutcome.TooLarge)));
    }

    [Test]
    public async Task Total_over_many_streams_has_a_limit_of_its_own()
    {
        var pdf = TestPdf.WithPage();
        var noise = new byte[2 << 20];
        new Random(1).NextBytes(noise);
        for (var i = 0; i < 4; i++) pdf.AddStream("/Filter/FlateDecode", TestPdf.Deflated(noise));
        var result = await InspectAsync(pdf.Build(), limits: new InspectionLimits { MaxInflatedBytes = 7 << 20 });

        Assert.That((result.Outcome, result.Code), Is.EqualTo((ReadingOutcome.TooLarge, "inflated_too_large")));
    }

    [Test]
    public async Task Chain_of_filters_has_a_limit()
    {
        var pdf = TestPdf.WithPage();
        pdf.AddStream($"/Filter[{string.Concat(Enumerable.Repeat("/ASCIIHexDecode", 5))}]", "3E"u8.ToArray());
        var result = await InspectAsync(pdf.Build());

        Assert.That((result.Outcome, result.Code), Is.EqualTo((ReadingOutcome.TooLarge, "pdf_filter_chain_too_long")));
    }

    [Test]
    public async Task Document_that_never_ends_costs_its_limit_of_processor_time_and_the_next_one_reads()
    {
        await using var pool = NewPool(o => (o.Processes, o.TimeLimit) = (1, TimeSpan.FromSeconds(1)));
        await pool.WarmAsync(CancellationToken.None);
        var hung = await InspectAsync(pool, HostilePdf.Endless());
        var next = await ReadTextAsync(pool, TestPdf.WithPage().Build());

        Assert.That((hung.Outcome, hung.Code), Is.EqualTo((ReadingOutcome.TimedOut, "reading_timed_out")));
        Assert.That((next.Outcome, pool.Started), Is.EqualTo((ReadingOutcome.Ok, 2)));
    }

    [Test]
    public async Task Stack_overflow_costs_one_child_and_the_next_one_reads()
    {
        await using var pool = NewPool(o => o.Processes = 1);
        var crashed = await InspectAsync(pool, HostilePdf.StackEater());
        var next = await InspectAsync(pool, TestPdf.WithPage().Build());

        Assert.That((crashed.Outcome, crashed.Code), Is.EqualTo((ReadingOutcome.Crashed, "reading_overflowed_stack")));
        Assert.That((next.Outcome, pool.Started), Is.EqualTo((ReadingOutcome.Ok, 2)));
    }

    [Test]
    public async Task Document_that_eats_memory_is_stopped()
    {
        await using var pool = NewPool(o => (o.Processes, o.MemoryLimit) = (1, 256L << 20));
        var limits = new TextLimits { MaxInflateRatio = 1_000_000 };
        var eaten = await ReadTextAsync(pool, HostilePdf.MemoryEater(), limits: limits);
        var next = await ReadTextAsync(pool, TestPdf.WithPage().Build());

        Assert.That((eaten.Outcome, eaten.Code), Is.EqualTo((ReadingOutcome.OutOfMemory, "reading_out_of_memory")));
        Assert.That(next.Outcome, Is.EqualTo(ReadingOutcome.Ok));
    }
}
