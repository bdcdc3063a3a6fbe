using System.Diagnostics;
using Dox.DocumentReading;
using Dox.SharedKernel.Infrastructure.Reading;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Tests.Reading;

public sealed class ReaderPoolTests : ReaderTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Test]
    public async Task Eight_requests_at_once_share_two_children()
    {
        await using var pool = NewPool();
        var pdf = TestPdf.WithPage().Build();
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadTextAsync(pool, pdf)));

        Assert.That(results.Select(r => r.Outcome), Is.All.EqualTo(ReadingOutcome.Ok));
        Assert.That(pool.Started, Is.InRange(1, 2));
    }

    [Test]
    public async Task No_child_starts_before_it_is_needed_and_one_serves_many()
    {
        await using var pool = NewPool();
        Assert.That(pool.Started, Is.Zero);
        for (var i = 0; i < 5; i++) await InspectAsync(pool, TestPdf.WithPage().Build());

        Assert.That(pool.Started, Is.EqualTo(1));
    }

    [Test]
    public async Task Child_retires_after_so_many_documents()
    {
        await using var pool = NewPool(o => (o.Processes, o.DocumentsPerProcess) = (1, 2));
        for (var i = 0; i < 5; i++) await InspectAsync(pool, TestPdf.WithPage().Build());

        Assert.That(pool.Started, Is.EqualTo(3));
    }

    [Test]
    public async Task Child_that_died_at_rest_is_replaced_unnoticed()
    {
        var options = new DocumentReaderOptions { Processes = 1 };
        var child = await ReaderProcess.StartAsync(options, NullLogger.Instance, CancellationToken.None);
        await using (child)
        {
            using var process = Process.GetProcessById(child.Id);
            process.Kill();
            await process.WaitForExitAsync().WaitAsync(Patience);
            Assert.That(child.IsUsable, Is.False);
        }
    }

    [Test]
    [Platform("Linux")]
    public async Task Child_that_stands_still_is_lost_by_the_clock()
    {
        await using var child = await ReaderProcess.StartAsync(new DocumentReaderOptions { TimeLimit = TimeSpan.FromMilliseconds(100) }, NullLogger.Instance, CancellationToken.None);
        using (var stop = Process.Start("kill", ["-STOP", $"{child.Id}"])) await stop.WaitForExitAsync().WaitAsync(Patience);
        var pdf = TestPdf.WithPage().Build();
        var request = new ReadingRequest { Operation = ReadingOperation.Inspect, MediaType = "application/pdf", ContentLength = pdf.Length, DeadlineMilliseconds = 60_000 };
        await using var content = new MemoryStream(pdf);
        var (answer, loss) = await child.AskAsync(request, content, ReadingJson.Default.DocumentInspection, CancellationToken.None);

        Assert.That((answer, loss?.Outcome, child.IsUsable), Is.EqualTo(((DocumentInspection?)null, (ReadingOutcome?)ReadingOutcome.TimedOut, false)));
    }

    [Test]
    public async Task Cancelling_ends_the_child_and_the_next_request_gets_another()
    {
        await using var pool = NewPool(o => o.Processes = 1);
        await pool.WarmAsync(CancellationToken.None);
        using var cancel = new CancellationTokenSource();
        await using var content = new SignallingStream(HostilePdf.Endless());
        var asked = pool.InspectAsync(content, content.Length, "application/pdf", new InspectionLimits(), cancel.Token);
        await content.AllTaken.WaitAsync(Patience);
        await cancel.CancelAsync();

        Assert.That(async () => await asked, Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await InspectAsync(pool, TestPdf.WithPage().Build())).Outcome, Is.EqualTo(ReadingOutcome.Ok));
        Assert.That(pool.Started, Is.EqualTo(2));
    }

    [Test]
    public async Task Content_shorter_than_said_is_the_callers_fault_and_costs_nobody_else()
    {
        await using var pool = NewPool(o => o.Processes = 1);
        await using var content = new MemoryStream(TestPdf.WithPage().Build());

        Assert.That(
            async () => await pool.InspectAsync(content, content.Length + 1, "application/pdf", new InspectionLimits(), CancellationToken.None),
            Throws.InstanceOf<EndOfStreamException>());
        Assert.That((await InspectAsync(pool, TestPdf.WithPage().Build())).Outcome, Is.EqualTo(ReadingOutcome.Ok));
    }

    [Test]
    public async Task Large_content_is_streamed_through()
    {
        var pdf = TestPdf.WithPage();
        var noise = new byte[20 << 20];
        new Random(2).NextBytes(noise);
        pdf.AddStream("", noise);
        await using var content = new MemoryStream(pdf.Build());
        await Pool.WarmAsync(CancellationToken.None);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var result = await Pool.InspectAsync(content, content.Length, "application/pdf", new InspectionLimits(), CancellationToken.None);

        Assert.That(result.Outcome, Is.EqualTo(ReadingOutcome.Ok), result.Message);
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(4 << 20));
    }

    [Test]
    [Platform("Linux")]
    public async Task Child_knows_nothing_of_its_parents_secrets()
    {
        Environment.SetEnvironmentVariable("DOX_TEST_SECRET", "hunter2");
        try
        {
            await using var child = await ReaderProcess.StartAsync(new DocumentReaderOptions(), NullLogger.Instance, CancellationToken.None);
            var environment = (await File.ReadAllTextAsync($"/proc/{child.Id}/environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries);

            Assert.That(environment, Has.None.Contains("hunter2"));
            Assert.That(
                environment.Select(e => e.Split('=')[0]).Where(n => !n.StartsWith("DOTNET_", StringComparison.Ordinal)),
                Is.SubsetOf(["PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "TEMP", "PWD", "OLDPWD", "SHLVL", "_"]));
        }
        finally
        {
            Environment.SetEnvironmentVariable("DOX_TEST_SECRET", null);
        }
    }

    [Test]
    [Platform("Linux")]
    public async Task Child_has_its_limits_and_a_folder_of_its_own()
    {
        string folder;
        await using (var child = await ReaderProcess.StartAsync(new DocumentReaderOptions(), NullLogger.Instance, CancellationToken.None))
        {
            var limits = await File.ReadAllTextAsync($"/proc/{child.Id}/limits");
            folder = Directory.ResolveLinkTarget($"/proc/{child.Id}/cwd", returnFinalTarget: true)!.FullName;

            Assert.That(limits, Does.Match($@"Max address space\s+{4L << 30}\s"));
            Assert.That(limits, Does.Match(@"Max core file size\s+0\s"));
            Assert.That(Path.GetFileName(folder), Does.StartWith("dox-reader-"));
        }

        Assert.That(Directory.Exists(folder), Is.False);
    }

    [Test]
    public async Task Children_end_when_their_input_does()
    {
        using var first = Start();
        using var second = Start(); // must not hold the first one's input open
        await ReadyAsync(first);
        await ReadyAsync(second);
        first.StandardInput.Close();
        await first.WaitForExitAsync().WaitAsync(Patience);

        Assert.That((first.ExitCode, second.HasExited), Is.EqualTo((0, false)));
        second.StandardInput.Close();
        await second.WaitForExitAsync().WaitAsync(Patience);
    }

    [Test]
    public async Task Child_whose_parent_died_ends_itself_although_its_document_hangs()
    {
        using var child = Start();
        await ReadyAsync(child);
        var document = HostilePdf.Endless();
        var request = new ReadingRequest
        {
            Operation = ReadingOperation.Inspect,
            MediaType = "application/pdf",
            ContentLength = document.Length,
            DeadlineMilliseconds = 300,
        };
        await Frames.WriteAsync(child.StandardInput.BaseStream, request, ReadingJson.Default.ReadingRequest, CancellationToken.None);
        await child.StandardInput.BaseStream.WriteAsync(document);
        child.StandardInput.Close();
        await child.WaitForExitAsync().WaitAsync(Patience);

        Assert.That(child.ExitCode, Is.Not.Zero);
    }

    [Test]
    public void Reader_that_is_missing_is_said_to_be()
    {
        Assert.That(
            async () =>
            {
                await using var pool = NewPool(o => o.ReaderPath = "no/such/reader.dll");
                await InspectAsync(pool, [1]);
            },
            Throws.InstanceOf<DocumentReaderUnavailableException>().With.Message.Contains("no/such/reader.dll"));
    }

    [Test]
    public async Task Registration_reads_the_configuration_and_refuses_nonsense()
    {
        await using var good = Services("3").BuildServiceProvider();
        await using var bad = Services("0").BuildServiceProvider();

        Assert.That(good.GetRequiredService<IOptions<DocumentReaderOptions>>().Value.Processes, Is.EqualTo(3));
        Assert.That(good.GetServices<DocumentReaderPool>().ToList(), Has.Count.EqualTo(1), "though two modules asked for it");
        Assert.That(
            () => bad.GetRequiredService<DocumentReaderPool>(),
            Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("Dox:DocumentReader:Processes"));

        static IServiceCollection Services(string processes) => new ServiceCollection()
            .AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder()
                .AddInMemoryCollection([new("Dox:DocumentReader:Processes", processes)])
                .Build())
            .AddDocumentReading()
            .AddDocumentReading();
    }

    private static Process Start()
    {
        var start = ReaderCommand.For(new DocumentReaderOptions(), Path.GetTempPath());
        return Process.Start(start)!;
    }

    private static async Task ReadyAsync(Process child)
    {
        var ready = await Frames.ReadAsync(child.StandardOutput.BaseStream, ReadingJson.Default.ReaderReady, CancellationToken.None).WaitAsync(Patience);
        Assert.That(ready, Is.EqualTo(new ReaderReady(Frames.Protocol)));
    }

    private sealed class SignallingStream(byte[] content) : MemoryStream(content)
    {
        private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task AllTaken => _taken.Task;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            if (Position == Length) _taken.TrySetResult();
            return read;
        }
    }
}
