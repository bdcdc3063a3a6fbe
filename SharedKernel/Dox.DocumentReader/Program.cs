using Dox.DocumentReading;

namespace Dox.DocumentReader;

internal static class Program
{
    // Deep documents recurse in PdfPig; more stack than a thread's usual 1.5 MB lets its own depth limit speak first
    private const int StackBytes = 16 * 1024 * 1024;
    private const int UsualBytes = 1024 * 1024;
    private const int MostKept = 16 * 1024 * 1024;

    private static int Main()
    {
        var code = 1;
        // One thread does it all: requests come one by one, and each hop to another thread would cost a small document a tenth of its time
        var thread = new Thread(() => code = ServeAsync().GetAwaiter().GetResult(), StackBytes);
        thread.Start();
        thread.Join();
        return code;
    }

    private static async Task<int> ServeAsync()
    {
#pragma warning disable RS0030 // standard input and output are the pipe to our parent; nothing else may write to them
        await using var input = new BlockingStream(Console.OpenStandardInput());
        await using var output = new BlockingStream(Console.OpenStandardOutput());
        Console.SetOut(TextWriter.Null);
        Console.SetIn(TextReader.Null);
#pragma warning restore RS0030
        WarmUp.Run();
        await Frames.WriteAsync(output, new ReaderReady(Frames.Protocol), ReadingJson.Default.ReaderReady, CancellationToken.None);

        var kept = new byte[UsualBytes];
        while (await Frames.ReadAsync(input, ReadingJson.Default.ReadingRequest, CancellationToken.None) is { } request)
        {
            var length = checked((int)request.ContentLength);
            // Usual documents share one buffer: fresh memory for each costs more than all else that is done with a picture, and full collections
            if (length > kept.Length && length <= MostKept) kept = GC.AllocateUninitializedArray<byte>(Math.Min(MostKept, length * 2));
            var content = length <= kept.Length ? kept.AsMemory(0, length) : GC.AllocateUninitializedArray<byte>(length);
            await input.ReadExactlyAsync(content);
            // A parent that died can't kill us: a document that hangs then would hang for ever
            await using var deadline = new Timer(
                static _ => Environment.FailFast("The document took too long."), null, request.DeadlineMilliseconds, Timeout.Infinite);
            if (request.Operation == ReadingOperation.Inspect)
            {
                var inspection = Opening.Inspect(content, request.MediaType, request.Inspection ?? new());
                await Frames.WriteAsync(output, inspection, ReadingJson.Default.DocumentInspection, CancellationToken.None);
            }
            else
            {
                var text = Opening.ReadText(content, request.MediaType, request.Text ?? new());
                await Frames.WriteAsync(output, text, ReadingJson.Default.DocumentText, CancellationToken.None);
            }
        }

        return 0;
    }
}
