using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Dox.DocumentReading;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Reading;

/// <summary>
/// Opens documents in pooled child processes, so that a hostile one costs a child and never the service. Children start when first
/// needed, are killed and replaced when they hang, eat memory or die, and retire after so many documents. Content is streamed through.
/// </summary>
public sealed class DocumentReaderPool : IAsyncDisposable
{
    private readonly DocumentReaderOptions _options;
    private readonly ILogger<DocumentReaderPool> _logger;
    private readonly SemaphoreSlim _slots;
    private readonly ConcurrentStack<ReaderProcess> _idle = new();
    private volatile bool _disposed;
    private int _started;

    /// <summary>Makes a pool; no process is started yet.</summary>
    public DocumentReaderPool(IOptions<DocumentReaderOptions> options, ILogger<DocumentReaderPool> logger)
    {
        _options = options.Value;
        _logger = logger;
        _slots = new SemaphoreSlim(_options.Processes);
    }

    /// <summary>Children started so far.</summary>
    internal int Started => Volatile.Read(ref _started);

    /// <summary>Opens a document and says whether it is sound and what is in it.</summary>
    /// <param name="content">The document, read once from where it stands.</param>
    /// <param name="length">Its length in bytes; exactly so many are read.</param>
    /// <param name="mediaType">The type to open it as: <c>application/pdf</c>, <c>image/png</c>, <c>image/jpeg</c> or <c>image/tiff</c>.</param>
    /// <param name="limits">What it may spend.</param>
    /// <param name="ct">Cancelling kills the child that is at it.</param>
    /// <returns>The result; that the document crashed the child or took too long is in it.</returns>
    /// <exception cref="EndOfStreamException">The content ended before its length.</exception>
    /// <exception cref="DocumentReaderUnavailableException">No child can be started on this machine.</exception>
    public Task<DocumentInspection> InspectAsync(
        Stream content, long length, string mediaType, InspectionLimits limits, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var request = Request(ReadingOperation.Inspect, length, mediaType) with { Inspection = limits };
        return AskAsync(
            request, content, limits.MaxBytes, ReadingJson.Default.DocumentInspection,
            (outcome, code, message) => new DocumentInspection { Outcome = outcome, Code = code, Message = message, MediaType = mediaType }, ct);
    }

    /// <summary>Reads a document's words and where they stand, its form fields and ruling lines.</summary>
    /// <inheritdoc cref="InspectAsync"/>
    public Task<DocumentText> ReadTextAsync(Stream content, long length, string mediaType, TextLimits limits, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var request = Request(ReadingOperation.Text, length, mediaType) with { Text = limits };
        return AskAsync(
            request, content, limits.MaxBytes, ReadingJson.Default.DocumentText,
            (outcome, code, message) => new DocumentText { Outcome = outcome, Code = code, Message = message }, ct);
    }

    /// <summary>Starts one child ahead of the first document, which then needn't wait for it.</summary>
    /// <exception cref="DocumentReaderUnavailableException">No child can be started on this machine.</exception>
    public async Task WarmAsync(CancellationToken ct)
    {
        await _slots.WaitAsync(ct);
        try
        {
            if (_idle.IsEmpty) await PutBackAsync(await StartAsync(ct));
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Ends all children.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await EndIdleAsync();
    }

    private ReadingRequest Request(ReadingOperation operation, long length, string mediaType)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new ReadingRequest
        {
            Operation = operation,
            MediaType = mediaType,
            ContentLength = length,
            DeadlineMilliseconds = (int)(_options.ClockLimit + TimeSpan.FromSeconds(2)).TotalMilliseconds,
        };
    }

    private async Task<T> AskAsync<T>(
        ReadingRequest request, Stream content, long maxBytes, JsonTypeInfo<T> type, Func<ReadingOutcome, string, string, T> failed, CancellationToken ct)
        where T : ReadingResult
    {
        ArgumentNullException.ThrowIfNull(content);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (request.ContentLength > maxBytes)
            return failed(ReadingOutcome.TooLarge, "too_many_bytes", $"The document has {request.ContentLength} bytes; {maxBytes} are allowed.");

        await _slots.WaitAsync(ct);
        ReaderProcess? child = null;
        try
        {
            var started = Stopwatch.GetTimestamp();
            child = await TakeAsync(ct);
            var (answer, loss) = await child.AskAsync(request, content, type, ct);
            var result = answer ?? failed(loss!.Outcome, loss.Code, loss.Message);
            ReaderMetrics.Documents(request.Operation, result.Outcome, Stopwatch.GetElapsedTime(started));
            if (loss is not null)
                _logger.LogWarning("Document reader {Pid} was lost over a document: {Code}, {Detail}", child.Id, loss.Code, loss.Detail);
            return result;
        }
        finally
        {
            if (child is not null) await PutBackAsync(child);
            _slots.Release();
        }
    }

    private async Task<ReaderProcess> TakeAsync(CancellationToken ct)
    {
        while (_idle.TryPop(out var child))
        {
            if (child.IsUsable) return child;
            await child.DisposeAsync();
        }

        return await StartAsync(ct);
    }

    private async Task<ReaderProcess> StartAsync(CancellationToken ct)
    {
        var child = await ReaderProcess.StartAsync(_options, _logger, ct);
        Interlocked.Increment(ref _started);
        return child;
    }

    private async Task PutBackAsync(ReaderProcess child)
    {
        if (!child.IsUsable || child.Documents >= _options.DocumentsPerProcess)
        {
            await child.DisposeAsync();
            return;
        }

        _idle.Push(child);
        if (_disposed) await EndIdleAsync();
    }

    private async Task EndIdleAsync()
    {
        while (_idle.TryPop(out var child)) await child.DisposeAsync();
    }
}

/// <summary>No child process can be started to open documents in: nothing is known about the document itself.</summary>
public sealed class DocumentReaderUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
