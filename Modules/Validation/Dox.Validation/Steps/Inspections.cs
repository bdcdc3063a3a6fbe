using System.Collections.Concurrent;
using Dox.DocumentReading;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.Validation.Contracts;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Steps;

/// <summary>
/// Opens files in child processes, each once: the scan wants to know what a document inflates to before the scanner does it, and the format
/// step wants all the rest. What the format step never asks for is forgotten.
/// </summary>
internal sealed class Inspections(FileContent content, DocumentReaderPool reader, IOptions<ValidationOptions> options)
{
    private const int Most = 256;

    private readonly ConcurrentDictionary<Id<Document>, Lazy<Task<DocumentInspection>>> _open = new();
    private readonly ConcurrentQueue<Id<Document>> _order = new();

    /// <summary>Opens the file as what its first bytes say, or waits for who does so; whoever asks next gets the same answer.</summary>
    /// <exception cref="DocumentReaderUnavailableException">No child can be started.</exception>
    public Task<DocumentInspection> LookAsync(SubmittedFile file)
    {
        var mine = new Lazy<Task<DocumentInspection>>(() => OpenAsync(file, file.MediaType, CancellationToken.None));
        var one = _open.GetOrAdd(file.Id, mine);
        if (ReferenceEquals(one, mine))
        {
            _order.Enqueue(file.Id);
            while (_order.Count > Most && _order.TryDequeue(out var oldest)) _open.TryRemove(oldest, out _);
        }

        return one.Value;
    }

    /// <summary>The same for who asks last: it is forgotten.</summary>
    /// <inheritdoc cref="LookAsync"/>
    public Task<DocumentInspection> TakeAsync(SubmittedFile file, CancellationToken cancellationToken) =>
        _open.TryRemove(file.Id, out var known) ? known.Value : OpenAsync(file, file.MediaType, cancellationToken);

    /// <summary>Opens the file as whatever it may be besides.</summary>
    /// <inheritdoc cref="LookAsync"/>
    public async Task<DocumentInspection> OpenAsync(SubmittedFile file, string mediaType, CancellationToken cancellationToken)
    {
        var limits = new InspectionLimits { MaxBytes = options.Value.MaxFileSize, MaxWidth = options.Value.ImageMaxWidth, MaxHeight = options.Value.ImageMaxHeight };
        await using var stream = await content.OpenAsync(file, cancellationToken);
        return await reader.InspectAsync(stream, file.Length, mediaType, limits, cancellationToken);
    }
}
