using Dox.Host.Demo.Samples;
using Spectre.Console;

namespace Dox.Host.Demo;

/// <param name="Exit">End when all is told, instead of going on serving.</param>
/// <param name="Port">On the loopback address; 0 takes a free one.</param>
/// <param name="Data">Where to keep everything; null: a temporary folder that goes when the demo ends.</param>
/// <param name="Picture">Where to write the report as HTML, for the picture in the README.</param>
internal sealed record DemoOptions(bool Exit, int Port, DirectoryInfo? Data, FileInfo? Picture);

/// <summary>Serves, sends the samples to itself over HTTP as anybody would, and tells what became of them.</summary>
internal sealed class DemoSession(IAnsiConsole console, Func<DoxSetup, WebApplication> build, TimeProvider time)
{
    // As a shell says it of SIGINT
    private const int Interrupted = 130;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(100);

    /// <returns>0 where each sample ended where it belongs, else 1; 130 where it was stopped before.</returns>
    public async Task<int> RunAsync(DemoOptions options, CancellationToken cancellation)
    {
        using var folder = new DemoFolder(options.Data);
        await using var app = build(DemoSetup.For(folder.Path, options.Port));
        await app.StartAsync(cancellation);
        var address = new Uri(app.Urls.First());

        // A kept folder may hold the documents of an earlier demo, which would be answered as duplicates: other values, then.
        var seed = options.Data is null ? 1 : (int)(time.GetUtcNow().ToUnixTimeSeconds() % 1_000_000);
        DemoDocument[] documents = [.. SampleLibrary.All(seed, time).Select(sample => new DemoDocument(sample))];
        console.MarkupLineInterpolated($"DOX serves at [bold]{address}[/]. Sending {documents.Length} documents to it.");

        if (await ProblemAsync(address, documents, app.Lifetime.ApplicationStopping, cancellation) is { } problem)
            console.MarkupLineInterpolated($"[red]{problem}[/]");
        if (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await app.WaitForShutdownAsync(CancellationToken.None);
            return Interrupted;
        }

        var report = new DemoReport(documents, address, folder, options.Exit);
        report.Write(console);
        if (options.Picture is not null)
            await File.WriteAllTextAsync(options.Picture.FullName, report.ToHtml(), cancellation);
        if (options.Exit)
            await app.StopAsync(cancellation);
        else
            await app.WaitForShutdownAsync(cancellation);
        return report.Complaints.Count == 0 ? 0 : 1;
    }

    /// <summary>Sees the documents through; what kept some of them from coming to rest, where something did.</summary>
    private async Task<string?> ProblemAsync(Uri address, DemoDocument[] documents, CancellationToken stopping, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(Limit, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation, stopping);
        try
        {
            using var client = new DemoClient(address);
            await new DemoBoard(console, documents).FollowAsync(changed => SeeThroughAsync(client, documents, changed, any.Token));
            return null;
        }
        catch (OperationCanceledException)
        {
            return stopping.IsCancellationRequested ? "Interrupted." : $"Not all documents came to rest within {Limit.TotalSeconds:0} s.";
        }
        catch (HttpRequestException e)
        {
            return $"The server didn't answer as it should: {e.Message}";
        }
    }

    private static async Task SeeThroughAsync(DemoClient client, DemoDocument[] documents, Action<DemoDocument> changed, CancellationToken cancellation)
    {
        foreach (var document in documents)
        {
            document.Submission = await client.SubmitAsync(document.Sample, cancellation);
            changed(document);
        }

        await WaitAsync(client, documents, document => document.AtRest, changed, cancellation);

        foreach (var document in documents.Where(d => d.Sample.Expectation == Ending.HumanReview && d.WaitsForPerson))
        {
            if (document.State?.TemplateId is not { } template) continue;
            await client.ApproveAsync(await ReviewAsync(client, document, cancellation), template, cancellation);
            document.BeforeDecision = document.State;
            await WaitAsync(client, [document], d => d.AtRest && !d.WaitsForPerson, changed, cancellation);
        }
    }

    /// <summary>The run says that it waits before the team's queue has heard of it.</summary>
    private static async Task<string> ReviewAsync(DemoClient client, DemoDocument document, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(PollEvery);
        while (true)
        {
            if (await client.FindReviewAsync(document.Submission!.DocumentId!, cancellation) is { } review) return review;
            await timer.WaitForNextTickAsync(cancellation);
        }
    }

    private static async Task WaitAsync(
        DemoClient client, DemoDocument[] documents, Func<DemoDocument, bool> until, Action<DemoDocument> changed, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(PollEvery);
        while (documents.Where(document => !until(document)).ToArray() is { Length: > 0 } waiting)
        {
            foreach (var document in waiting)
            {
                var state = await client.StateAsync(document.Submission!, cancellation);
                if (state == document.State)
                    continue;
                document.State = state;
                changed(document);
            }

            await timer.WaitForNextTickAsync(cancellation);
        }
    }
}
