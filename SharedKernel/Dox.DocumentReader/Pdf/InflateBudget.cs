using Dox.DocumentReading;

namespace Dox.DocumentReader.Pdf;

/// <summary>
/// What all streams of a document may inflate to. PdfPig swallows some exceptions of filters, so a budget once exceeded stays so:
/// every later stream is refused too, and whoever has the budget asks it at the end.
/// </summary>
internal sealed class InflateBudget(long maxBytes, int maxRatio, int maxFilters, long storedBytes)
{
    private const long RatioFloor = 64L * 1024 * 1024;
    private RefusedException? _refusal;

    public long Spent { get; private set; }

    public long Left => Math.Max(0, Ceiling - Spent);

    private long Ceiling => Math.Min(maxBytes, Math.Max(RatioFloor, storedBytes * maxRatio));

    public void Spend(long bytes)
    {
        ThrowIfExceeded();
        Spent += bytes;
        if (Spent <= Ceiling) return;
        _refusal = Ceiling == maxBytes
            ? new RefusedException(
                ReadingOutcome.TooLarge, "inflated_too_large", $"The document inflates to more than {maxBytes >> 20} MiB, which is the limit.")
            : new RefusedException(
                ReadingOutcome.TooLarge, "inflate_ratio_too_high",
                $"The document inflates to more than {maxRatio} times its size, as a decompression bomb does.");
        throw _refusal;
    }

    /// <summary>Refuses what says itself that it inflates to more than is left, before anything does.</summary>
    public void Announce(long bytes)
    {
        if (bytes <= Left) return;
        Spend(Left + 1);
    }

    public void CheckChain(int filters)
    {
        ThrowIfExceeded();
        if (filters <= maxFilters) return;
        _refusal = new RefusedException(
            ReadingOutcome.TooLarge, "pdf_filter_chain_too_long", $"A stream has {filters} filters one after the other; {maxFilters} are allowed.");
        throw _refusal;
    }

    public void ThrowIfExceeded()
    {
        if (_refusal is not null) throw new RefusedException(_refusal.Outcome, _refusal.Code, _refusal.Message);
    }

    /// <summary>The next look at the same streams may spend as much again.</summary>
    public void Restart() => Spent = 0;
}
