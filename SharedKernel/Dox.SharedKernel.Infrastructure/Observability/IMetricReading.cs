namespace Dox.SharedKernel.Infrastructure.Observability;

/// <summary>Figures that are read from somewhere every ten seconds, and kept for whoever scrapes: a scrape never waits for a database.</summary>
public interface IMetricReading
{
    /// <summary>Reads them. What it throws is logged, and the figures stay as they were.</summary>
    Task ReadAsync(CancellationToken cancellationToken);
}
