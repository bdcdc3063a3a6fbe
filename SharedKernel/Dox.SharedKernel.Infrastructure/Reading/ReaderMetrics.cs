using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dox.DocumentReading;

namespace Dox.SharedKernel.Infrastructure.Reading;

internal static class ReaderMetrics
{
    private static readonly Meter Meter = new("Dox.DocumentReading");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "document_reader_duration_seconds", "s", "Time to open a document in a child process, by operation and outcome");

    private static readonly Counter<long> Started = Meter.CreateCounter<long>(
        "document_reader_processes_started_total", null, "Child processes started to open documents in");

    public static void Documents(ReadingOperation operation, ReadingOutcome outcome, TimeSpan took) => Duration.Record(
        took.TotalSeconds,
        new TagList { { "operation", operation.ToString() }, { "outcome", outcome.ToString() } });

    public static void ProcessStarted() => Started.Add(1);
}
