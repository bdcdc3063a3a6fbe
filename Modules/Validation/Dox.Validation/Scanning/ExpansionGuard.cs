using Dox.DocumentReading;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.Validation.Contracts;
using Dox.Validation.Steps;

namespace Dox.Validation.Scanning;

/// <summary>
/// Stands before the scanner, which inflates whatever it is given for seconds and then calls clean what it left out: what inflates to more than
/// is allowed, or to nobody knows how much, isn't sent to it.
/// </summary>
internal sealed class ExpansionGuard(FileContent content, Inspections inspections)
{
    private const string Zip = "application/zip";

    private static readonly HashSet<string> s_expansion = new(StringComparer.Ordinal)
    {
        "inflated_too_large", "inflate_ratio_too_high", "pdf_filter_chain_too_long", "pdf_embedded_too_deep", "pdf_too_many_embedded_files", "pdf_too_deep",
    };

    private static readonly HashSet<string> s_measured = new(StringComparer.Ordinal) { Zip, "application/gzip" };

    // Containers of which only the scanner knows how to open them
    private static readonly HashSet<string> s_unmeasured = new(StringComparer.Ordinal)
    {
        "application/vnd.rar", "application/x-7z-compressed", "application/x-bzip2", "application/x-xz", "application/x-tar", "application/zstd",
        "application/vnd.ms-cab-compressed", "application/x-arj", "application/x-xar",
    };

    /// <summary>Why the file isn't sent to the scanner, in a sentence; null where it may be.</summary>
    /// <exception cref="DocumentReaderUnavailableException">No child can be started to find out.</exception>
    public async Task<string?> ObjectionAsync(SubmittedFile file, CancellationToken cancellationToken)
    {
        if (s_unmeasured.Contains(file.MediaType)) return $"What an archive of type {file.MediaType} expands to can't be told.";
        if (file.MediaType is MediaTypes.Pdf && OfDocument(await inspections.LookAsync(file)) is { } problem) return problem;
        if (s_measured.Contains(file.MediaType)) return OfArchive(await inspections.LookAsync(file));
        // Whatever stands before it, the scanner finds an archive by its end
        return await EndsAsZipAsync(file, cancellationToken) ? OfArchive(await inspections.OpenAsync(file, Zip, cancellationToken)) : null;
    }

    private static string? OfDocument(DocumentInspection inspection)
    {
        // The child was lost before it had counted to the end
        if (inspection.Outcome is ReadingOutcome.TimedOut or ReadingOutcome.Crashed or ReadingOutcome.OutOfMemory) return inspection.Message;
        if (inspection.Outcome == ReadingOutcome.TooLarge && (s_expansion.Contains(inspection.Code) || inspection.Code.StartsWith("archive_", StringComparison.Ordinal)))
            return inspection.Message;
        foreach (var file in inspection.EmbeddedFiles)
        {
            if (s_unmeasured.Contains(file.MediaType)) return $"It carries an archive of type {file.MediaType}; what that expands to can't be told.";
            if (file.Inspection is not { } inner) continue;
            if ((s_measured.Contains(file.MediaType) ? OfArchive(inner) : OfDocument(inner)) is { } problem) return $"It carries a file. {problem}";
        }

        return null;
    }

    // An archive that can't be measured to its end may be anything
    private static string? OfArchive(DocumentInspection inspection) => inspection.IsOk ? null : inspection.Message;

    private async Task<bool> EndsAsZipAsync(SubmittedFile file, CancellationToken cancellationToken)
    {
        await using var stream = await content.OpenAsync(file, cancellationToken);
        return await ZipEnd.FindAsync(stream, cancellationToken) is not null;
    }
}
