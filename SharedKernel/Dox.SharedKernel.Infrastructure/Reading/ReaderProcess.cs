using System.Buffers;
using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Dox.DocumentReading;
using Microsoft.Extensions.Logging;

namespace Dox.SharedKernel.Infrastructure.Reading;

/// <summary>Why a child was lost.</summary>
internal sealed record ReaderLoss(ReadingOutcome Outcome, string Code, string Message, string Detail);

/// <summary>One child process: it takes one request at a time, and is of no use after the first that went wrong.</summary>
internal sealed class ReaderProcess : IAsyncDisposable
{
    private const int SmallAtOnce = 32 * 1024;
    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly DocumentReaderOptions _options;
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly Task<string> _errors;
    private readonly int _id;
    private bool _lost;

    private ReaderProcess(Process process, DirectoryInfo folder, DocumentReaderOptions options)
    {
        _process = process;
        _id = process.Id;
        _folder = folder;
        _options = options;
        WidePipe.Widen(process.StandardInput.BaseStream);
        // Each call of a pipe is a hop to another thread and back: a small document and its answer need one each way
        _input = new BufferedStream(process.StandardInput.BaseStream, SmallAtOnce);
        _output = new BufferedStream(process.StandardOutput.BaseStream, SmallAtOnce);
        _errors = KeepHeadAsync(process.StandardError.BaseStream);
    }

    public int Id => _id;

    public int Documents { get; private set; }

    public bool IsUsable => !_lost && !_process.HasExited;

    public static async Task<ReaderProcess> StartAsync(DocumentReaderOptions options, ILogger logger, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        var folder = Directory.CreateTempSubdirectory("dox-reader-");
        ReaderProcess? child = null;
        try
        {
            var process = Process.Start(ReaderCommand.For(options, folder.FullName))
                ?? throw new DocumentReaderUnavailableException("The document reader didn't start.");
            child = new ReaderProcess(process, folder, options);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(options.StartLimit);
            var ready = await Frames.ReadAsync(child._output, ReadingJson.Default.ReaderReady, limit.Token).WaitAsync(limit.Token);
            if (ready?.Protocol != Frames.Protocol)
                throw new DocumentReaderUnavailableException($"The document reader ended or speaks another protocol. {await child.LastWordsAsync()}");
            ReaderMetrics.ProcessStarted();
            logger.LogDebug("Document reader {Pid} is ready after {Elapsed}", child.Id, Stopwatch.GetElapsedTime(started));
            return child;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            await EndAsync();
            throw e as DocumentReaderUnavailableException ?? new DocumentReaderUnavailableException(
                e is OperationCanceledException
                    ? $"The document reader wasn't ready within {options.StartLimit.TotalSeconds:0} s."
                    : $"The document reader can't be started from '{options.ReaderPath}'.", e);
        }
        catch
        {
            await EndAsync();
            throw;
        }

        async ValueTask EndAsync()
        {
            if (child is null) folder.Delete(recursive: true);
            else await child.DisposeAsync();
        }
    }

    /// <summary>Sends a request with its content and waits for the answer, or says why the child was lost over it.</summary>
    public async Task<(T? Answer, ReaderLoss? Loss)> AskAsync<T>(
        ReadingRequest request, Stream content, JsonTypeInfo<T> type, CancellationToken ct)
        where T : ReadingResult
    {
        Documents++;
        _lost = true; // until the answer is there: an exception on the way leaves the pipe in the middle of a request
        await using var watch = new ReaderWatch(_process, _options);
        await using var cancelled = ct.UnsafeRegister(static w => ((ReaderWatch)w!).Kill(ReaderWatch.Reason.Cancelled), watch);
        try
        {
            await SendAsync(request, content, watch, ct);
            watch.StartClock();
            var answer = await Frames.ReadAsync(_output, type, CancellationToken.None);
            watch.StopClock();
            if (answer is not null)
            {
                _lost = watch.Killed != ReaderWatch.Reason.None || answer.Outcome == ReadingOutcome.OutOfMemory;
                return (answer, null);
            }
        }
        catch (PipeBrokenException)
        {
            // The child is gone; the watch or its last words tell why
        }
        catch (InvalidDataException) when (!ct.IsCancellationRequested)
        {
            watch.Kill(ReaderWatch.Reason.Garbled);
        }

        ct.ThrowIfCancellationRequested();
        return (null, await LossAsync(watch));
    }

    public async ValueTask DisposeAsync()
    {
        // Before its input is closed, which would wait for it to take the rest of a document
        if (_lost) _process.Kill();
        try
        {
            await _input.DisposeAsync(); // a child at rest ends by itself when its input does
        }
        catch (IOException)
        {
            // It is dead already
        }

        try
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(1));
        }
        catch (TimeoutException)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        await _output.DisposeAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task SendAsync(ReadingRequest request, Stream content, ReaderWatch watch, CancellationToken ct)
    {
        await WriteAsync(() => Frames.WriteAsync(_input, request, ReadingJson.Default.ReadingRequest, CancellationToken.None));
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(request.ContentLength, 4096, WidePipe.Size));
        try
        {
            for (var left = request.ContentLength; left > 0;)
            {
                var read = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), ct);
                if (read == 0)
                    throw new EndOfStreamException($"The content ended {left} bytes before its length of {request.ContentLength}.");
                await WriteAsync(async () => await _input.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None));
                left -= read;
            }

            await WriteAsync(() => _input.FlushAsync(CancellationToken.None));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        // The clock runs while the child must take bytes, not while the content's source lets us wait
        async Task WriteAsync(Func<Task> write)
        {
            watch.StartClock();
            try
            {
                await write();
            }
            catch (IOException e)
            {
                throw new PipeBrokenException(e);
            }

            watch.StopClock();
        }
    }

    private async Task<ReaderLoss> LossAsync(ReaderWatch watch)
    {
        var words = await LastWordsAsync();
        return watch.Killed switch
        {
            ReaderWatch.Reason.Time => new(
                ReadingOutcome.TimedOut, "reading_timed_out",
                $"Reading the document took too long: {_options.TimeLimit.TotalSeconds:0.#} seconds of processor time are allowed, and {_options.ClockLimit.TotalSeconds:0.#} on the clock.",
                words),
            ReaderWatch.Reason.Memory => new(
                ReadingOutcome.OutOfMemory, "reading_out_of_memory",
                $"Reading the document took more than {_options.MemoryLimit >> 20} MiB of memory.", words),
            _ when words.Contains("Out of memory", StringComparison.OrdinalIgnoreCase) => new(
                ReadingOutcome.OutOfMemory, "reading_out_of_memory",
                $"Reading the document took more than {_options.MemoryLimit >> 20} MiB of memory.", words),
            _ when words.Contains("Stack overflow", StringComparison.OrdinalIgnoreCase) => new(
                ReadingOutcome.Crashed, "reading_overflowed_stack", "The document is nested so deeply that reading it fails.", words),
            _ => new(ReadingOutcome.Crashed, "reading_crashed", "The process that read the document ended unexpectedly.", words),
        };
    }

    private async Task<string> LastWordsAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(2));
            return $"exit code {_process.ExitCode}: {await _errors.WaitAsync(TimeSpan.FromSeconds(1))}";
        }
        catch (TimeoutException)
        {
            return "still running";
        }
    }

    // A crash writes pages of stack trace: its head says what happened, the rest must be drained or the child hangs on it
    private static async Task<string> KeepHeadAsync(Stream errors)
    {
        var head = new byte[512];
        var kept = await errors.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false);
        await errors.CopyToAsync(Stream.Null);
        return System.Text.Encoding.UTF8.GetString(head, 0, kept).ReplaceLineEndings(" ").Trim();
    }

    private sealed class PipeBrokenException(IOException inner) : Exception("The child's pipe is broken.", inner);
}
