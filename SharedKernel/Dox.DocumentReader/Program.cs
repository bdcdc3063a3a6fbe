using Dox.DocumentReading;

namespace Dox.DocumentReader;

internal static class Program
{
    // Deep documents recurse in PdfPig; more stack than a thread's usual 1.5 MB lets its own depth limit speak first
    private const int StackBytes = 16 * 1024 * 1024;

    private static async Task<int> Main()
    {
#pragma warning disable RS0030 // standard input and output are the pipe to our parent; nothing else may write to them
        await using var input = Console.OpenStandardInput();
        await using var output = Console.OpenStandardOutput();
        Console.SetOut(TextWriter.Null);
        Console.SetIn(TextReader.Null);
#pragma warning restore RS0030
        await OnDeepStack(() =>
        {
            WarmUp.Run();
            return true;
        });
        await Frames.WriteAsync(output, new ReaderReady(Frames.Protocol), ReadingJson.Default.ReaderReady, CancellationToken.None);

        while (await Frames.ReadAsync(input, ReadingJson.Default.ReadingRequest, CancellationToken.None) is { } request)
        {
            var content = await TakeContentAsync(input, request);
            // A parent that died can't kill us: a document that hangs then would hang for ever
            await using var deadline = new Timer(
                static _ => Environment.FailFast("The document took too long."), null, request.DeadlineMilliseconds, Timeout.Infinite);
            if (request.Operation == ReadingOperation.Inspect)
            {
                var inspection = await OnDeepStack(() => Opening.Inspect(content, request.MediaType, request.Inspection ?? new()));
                await Frames.WriteAsync(output, inspection, ReadingJson.Default.DocumentInspection, CancellationToken.None);
            }
            else
            {
                var text = await OnDeepStack(() => Opening.ReadText(content, request.MediaType, request.Text ?? new()));
                await Frames.WriteAsync(output, text, ReadingJson.Default.DocumentText, CancellationToken.None);
            }
        }

        return 0;
    }

    private static async Task<byte[]> TakeContentAsync(Stream input, ReadingRequest request)
    {
        var content = GC.AllocateUninitializedArray<byte>(checked((int)request.ContentLength));
        await input.ReadExactlyAsync(content);
        return content;
    }

    private static Task<T> OnDeepStack<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                try
                {
                    done.SetResult(work());
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            },
            StackBytes);
        thread.IsBackground = true;
        thread.Start();
        return done.Task;
    }
}
