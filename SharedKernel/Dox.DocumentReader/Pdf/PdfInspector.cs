using System.Globalization;
using Dox.DocumentReading;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Tokens;

namespace Dox.DocumentReader.Pdf;

/// <summary>Opens a PDF, reads a page of it, and lists what in it acts.</summary>
internal sealed class PdfInspector(ReadOnlyMemory<byte> file, InspectionLimits limits, int depth)
{
    private const int PagesTried = 20;
    private readonly InflateBudget _budget = new(limits.MaxInflatedBytes, limits.MaxInflateRatio, limits.MaxFilters, file.Length);
    private readonly List<ReadingFinding> _findings = [];

    public DocumentInspection Inspect()
    {
        var envelope = PdfEnvelope.Read(file.Span);
        _findings.AddRange(envelope.Findings);
        try
        {
            using var document = PdfOpening.Open(file, _budget);
            return Look(document, envelope);
        }
#pragma warning disable CA1031 // libraries throw anything over hostile bytes, and each of it means the same
        catch (Exception e) when (e is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            var inflated = _budget.Spent;
            var refusal = RefusalBySize() ?? Opening.RefusalFor(e);
            // What the bytes around it told stands, also of a document that is refused
            return new DocumentInspection
            {
                Outcome = refusal.Outcome,
                Code = refusal.Code,
                Message = refusal.Message,
                Version = envelope.Version,
                HeaderOffset = envelope.HeaderOffset,
                Findings = _findings,
                InflatedBytes = Math.Max(inflated, _budget.Spent),
                Encryption = refusal.Code switch
                {
                    "pdf_needs_password" => DocumentEncryption.NeedsPassword,
                    "pdf_encryption_unsupported" => DocumentEncryption.Unsupported,
                    _ => DocumentEncryption.None,
                },
            };
        }
    }

    private DocumentInspection Look(PdfDocument document, PdfEnvelope envelope)
    {
        var pages = CountPages(document);
        var objects = document.Structure.CrossReferenceTable.ObjectOffsets;
        if (objects.Count > limits.MaxObjects) throw TooManyObjects();

        var scanner = document.Structure.TokenScanner;
        var filters = document.Structure.FilterProvider;
        var inventory = new ActiveContentInventory(scanner, limits.MaxDepth);
        var meter = new StreamMeter(filters, scanner, _budget);
        var embedded = new List<IndirectReference>();
        var pictures = new List<(IndirectReference Reference, DictionaryToken Dictionary)>();
        var unreadable = 0;
        _budget.Restart();
        foreach (var reference in objects.Keys)
        {
            if (scanner.Load(reference)?.Data is not { } token)
            {
                unreadable++;
                continue;
            }

            inventory.Visit(reference.ObjectNumber, token);
            if (token is not StreamToken stream) continue;
            meter.Measure(stream);
            if (scanner.Text(stream.StreamDictionary.Value("Type")) == "EmbeddedFile") embedded.Add(reference);
            if (scanner.Text(stream.StreamDictionary.Value("Subtype")) == "Image") pictures.Add((reference, stream.StreamDictionary));
        }

        foreach (var part in document.Structure.CrossReferenceTable.Parts)
        {
            if (part.Dictionary is not null) inventory.Visit(0, part.Dictionary);
        }

        var inflated = _budget.Spent;
        var loose = VisitLoose(inventory, objects);
        if (unreadable > 0)
            _findings.Add(new("pdf_objects_missing", "The cross-reference names objects that can't be read.", Invariant(unreadable)));

        _budget.Restart();
        var files = new EmbeddedFiles(scanner, filters, limits, depth);
        foreach (var specification in inventory.FileSpecifications) files.Add(specification);
        foreach (var reference in embedded) files.Add(null, reference);
        foreach (var embeddedFile in files.Files) inventory.Add(ActiveContentKind.EmbeddedFile, embeddedFile.Name, 0);

        // A page's text needs no pictures, and PdfPig would take each of their bytes into its hands once more
        foreach (var (reference, dictionary) in pictures) scanner.ReplaceToken(reference, new StreamToken(dictionary, Memory<byte>.Empty));
        _budget.Restart();
        ReadAPage(document, pages);
        _budget.ThrowIfExceeded();
        if (document.IsEncrypted)
            _findings.Add(new("pdf_empty_password", "The PDF is encrypted with owner's restrictions, and opens without a password."));
        return new DocumentInspection
        {
            Version = envelope.Version ?? document.Version.ToString("0.0", CultureInfo.InvariantCulture),
            HeaderOffset = envelope.HeaderOffset,
            Pages = pages,
            Encryption = document.IsEncrypted ? DocumentEncryption.EmptyPassword : DocumentEncryption.None,
            Objects = objects.Count + loose,
            InflatedBytes = inflated + files.InflatedBytes,
            ActiveContent = inventory.Found,
            EmbeddedFiles = files.Files,
            Findings = _findings,
        };
    }

    private int CountPages(PdfDocument document)
    {
        var pages = document.NumberOfPages;
        if (pages <= 0) throw new RefusedException(ReadingOutcome.Broken, "pdf_no_pages", "The PDF has no pages.");
        if (pages > limits.MaxPages)
        {
            throw new RefusedException(
                ReadingOutcome.TooLarge, "pdf_too_many_pages", $"The PDF has {pages} pages; {limits.MaxPages} are allowed.");
        }

        return pages;
    }

    // What doesn't open is measured all the same: the scanner, which needs no cross-reference, will inflate it
    private RefusedException? RefusalBySize()
    {
        try
        {
            _budget.Restart();
            var streams = new LooseStreams(_budget, limits, depth);
            foreach (var (_, _, token) in LooseObjects.Find(file, static _ => true, limits.MaxDepth))
            {
                if (token is StreamToken stream) streams.Measure(stream);
            }

            return null;
        }
        catch (Exception e) when (e is RefusedException or PdfDocumentStackDepthException)
        {
            return Opening.RefusalFor(e);
        }
    }

    private int VisitLoose(ActiveContentInventory inventory, IReadOnlyDictionary<IndirectReference, XrefLocation> objects)
    {
        var known = objects.Values.Where(l => l.Type == XrefEntryType.File).Select(l => l.Value1).ToHashSet();
        var loose = 0;
        var streams = new LooseStreams(_budget, limits, depth);
        _budget.Restart();
        foreach (var (_, _, token) in LooseObjects.Find(file, offset => !known.Contains(offset), limits.MaxDepth))
        {
            if (objects.Count + ++loose > limits.MaxObjects) throw TooManyObjects();
            inventory.Visit(0, token);
            if (token is StreamToken stream) streams.Measure(stream);
        }

        if (loose > 0)
            _findings.Add(new("pdf_objects_outside_xref", "Objects stand outside the cross-reference, as after changes.", Invariant(loose)));
        return loose;
    }

    private void ReadAPage(PdfDocument document, int pages)
    {
        for (var number = 1; number <= Math.Min(pages, PagesTried); number++)
        {
            try
            {
                _ = document.ReadPage(number).Letters.Count;
                if (number > 1)
                    _findings.Add(new("pdf_pages_unreadable", "The first pages of the PDF can't be read.", Invariant(number - 1)));
                return;
            }
#pragma warning disable CA1031 // any failure means the same: this page doesn't read, another may
            catch (Exception e) when (e is not (OutOfMemoryException or PdfDocumentStackDepthException))
#pragma warning restore CA1031
            {
                _budget.ThrowIfExceeded();
            }
        }

        throw new RefusedException(ReadingOutcome.Broken, "pdf_no_readable_page", "No page of the PDF can be read.");
    }

    private RefusedException TooManyObjects() => new(
        ReadingOutcome.TooLarge, "pdf_too_many_objects", $"The PDF has more than {limits.MaxObjects} objects.");

    private static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);
}
