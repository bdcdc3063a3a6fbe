namespace Dox.SharedKernel.Infrastructure.Reading;

/// <summary>How hostile documents are opened in child processes. Configured under <c>Dox:DocumentReader</c>.</summary>
public sealed class DocumentReaderOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Dox:DocumentReader";

    /// <summary>Child processes at most, 1 to 64; they start when first needed.</summary>
    public int Processes { get; set; } = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>Processor time that a child may spend on one document, 100 ms to 10 minutes; six times as much on the clock.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time on the clock for the same: wider, since a child waits while the machine is busy.</summary>
    internal TimeSpan ClockLimit => 6 * TimeLimit;

    /// <summary>Time for a child to start and warm up, 1 second to 5 minutes.</summary>
    public TimeSpan StartLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Resident memory of one child in bytes, at least 128 MiB; three quarters of it are its heap limit.</summary>
    public long MemoryLimit { get; set; } = 1L << 30;

    /// <summary>Address space of one child in bytes, at least the double of <see cref="MemoryLimit"/>; Linux only.</summary>
    public long AddressSpaceLimit { get; set; } = 4L << 30;

    /// <summary>Documents after which a child is replaced, since what a library leaks or caches adds up; at least 1. To start another costs as much as a hundred documents.</summary>
    public int DocumentsPerProcess { get; set; } = 10_000;

    /// <summary>The reader's program. Relative paths start at the application's folder.</summary>
    public string ReaderPath { get; set; } = Path.Combine("reader", "Dox.DocumentReader.dll");

    internal IEnumerable<string> Problems()
    {
        if (Processes is < 1 or > 64) yield return $"{Section}:Processes is {Processes}; it must be 1 to 64.";
        if (TimeLimit < TimeSpan.FromMilliseconds(100) || TimeLimit > TimeSpan.FromMinutes(10))
            yield return $"{Section}:TimeLimit is {TimeLimit}; it must be 100 ms to 10 minutes.";
        if (StartLimit < TimeSpan.FromSeconds(1) || StartLimit > TimeSpan.FromMinutes(5))
            yield return $"{Section}:StartLimit is {StartLimit}; it must be 1 second to 5 minutes.";
        if (MemoryLimit < 128L << 20) yield return $"{Section}:MemoryLimit is {MemoryLimit} bytes; it must be at least 128 MiB.";
        if (AddressSpaceLimit < 2 * MemoryLimit)
            yield return $"{Section}:AddressSpaceLimit is {AddressSpaceLimit} bytes; it must be at least the double of MemoryLimit.";
        if (DocumentsPerProcess < 1) yield return $"{Section}:DocumentsPerProcess is {DocumentsPerProcess}; it must be at least 1.";
        if (string.IsNullOrWhiteSpace(ReaderPath)) yield return $"{Section}:ReaderPath is empty.";
    }
}
