using System.Buffers;
using System.IO.Compression;
using Dox.DocumentReader.Pdf;
using Dox.DocumentReading;

namespace Dox.DocumentReader.Archives;

/// <summary>
/// Tells what an archive, and the archives within it, inflate to, without keeping any of it and stopping where the budget ends: a virus
/// scanner inflates what it is given, and calls clean what it left out.
/// </summary>
internal sealed class ArchiveMeter(InspectionLimits limits, InflateBudget budget)
{
    private int _entries;

    public static DocumentInspection Inspect(ReadOnlyMemory<byte> archive, string mediaType, InspectionLimits limits)
    {
        var budget = new InflateBudget(limits.MaxInflatedBytes, limits.MaxInflateRatio, limits.MaxFilters, archive.Length);
        var meter = new ArchiveMeter(limits, budget);
        meter.Measure(archive, mediaType, depth: 1);
        return new DocumentInspection { InflatedBytes = budget.Spent, Objects = meter._entries };
    }

    public static bool Knows(string mediaType) => mediaType is MediaTypes.Zip or MediaTypes.Gzip;

    private void Measure(ReadOnlyMemory<byte> archive, string mediaType, int depth)
    {
        if (depth > limits.MaxArchiveDepth)
        {
            throw new RefusedException(
                ReadingOutcome.TooLarge, "archive_too_deep", $"Archives are nested in archives more than {limits.MaxArchiveDepth} levels deep.");
        }

        if (mediaType == MediaTypes.Gzip)
        {
            Count();
            using var members = new GZipStream(Expansion.AsStream(archive), CompressionMode.Decompress);
            Spend(members, depth, "The gzip file");
            return;
        }

        foreach (var entry in ZipDirectory.Read(archive, limits.MaxArchiveEntries, budget))
        {
            Count();
            using var content = entry.Open(archive);
            var inflated = Spend(content, depth, "An archive's entry");
            // Whoever trusts the lesser number overruns
            if (inflated != entry.Length) throw ZipDirectory.Lies();
        }
    }

    private void Count()
    {
        if (++_entries <= limits.MaxArchiveEntries) return;
        throw new RefusedException(
            ReadingOutcome.TooLarge, "archive_too_many_entries", $"The archive holds more than {limits.MaxArchiveEntries} entries.");
    }

    // What is an archive itself has to be kept to look into it; its size was spent from the budget then
    private long Spend(Stream content, int depth, string what)
    {
        var block = ArrayPool<byte>.Shared.Rent(Expansion.BlockLength);
        try
        {
            var head = content.ReadAtLeast(block, 512, throwOnEndOfStream: false);
            budget.Spend(head);
            var type = MediaTypes.Sniff(block.AsSpan(0, head));
            using var kept = Knows(type) ? new MemoryStream() : null;
            kept?.Write(block, 0, head);
            long length = head;
            for (int read; (read = content.Read(block, 0, block.Length)) > 0; length += read)
            {
                budget.Spend(read);
                if (kept is null) continue;
                if (length + read > limits.MaxBytes)
                    throw new RefusedException(ReadingOutcome.TooLarge, "archive_too_large", "An archive within the archive is larger than a document may be.");
                kept.Write(block, 0, read);
            }

            if (kept is not null) Measure(kept.GetBuffer().AsMemory(0, (int)kept.Length), type, depth + 1);
            return length;
        }
        catch (InvalidDataException)
        {
            throw new RefusedException(ReadingOutcome.Broken, "archive_broken", $"{what} is damaged: it can't be inflated to its end.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
