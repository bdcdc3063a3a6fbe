namespace Dox.Orchestration.History;

/// <summary>Section <c>Dox:Retention</c>.</summary>
internal sealed class RetentionOptions
{
    /// <summary>How many days ended runs and their journals are kept; nothing: for ever. <c>METADATA_RETENTION_DAYS</c>.</summary>
    public int? MetadataDays { get; set; }

    /// <summary>How many days of runs lie in one partition (PostgreSQL). Retention drops whole ones, so runs are kept up to this much longer.</summary>
    public int PartitionDays { get; set; } = 30;

    /// <summary>How often partitions are created ahead, and what is too old is dropped.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);

    public static IEnumerable<string> Problems(RetentionOptions options)
    {
        if (options.MetadataDays is < 1 or > 36_500) yield return "Dox:Retention:MetadataDays is a number of days from 1 to 36500.";
        if (options.PartitionDays is < 1 or > 366) yield return "Dox:Retention:PartitionDays is a number of days from 1 to 366.";
        if (options.Interval < TimeSpan.FromSeconds(1)) yield return "Dox:Retention:Interval is at least a second.";
    }
}
