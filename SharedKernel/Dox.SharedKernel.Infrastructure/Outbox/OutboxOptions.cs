namespace Dox.SharedKernel.Infrastructure.Outbox;

/// <summary>How messages leave a module. Section <c>Dox:Outbox</c>.</summary>
public sealed class OutboxOptions
{
    /// <summary>How many rows one delivery takes.</summary>
    public int BatchSize { get; set; } = 256;

    /// <summary>How often to look without having been woken.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>After how long another relay may take a row from one that doesn't say any more that it is at it: for so long a killed process's messages wait.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>After how many failed deliveries a row is given up (and told of by <c>outbox_dead</c>).</summary>
    public int MaxAttempts { get; set; } = 12;

    /// <summary>How long the inbox remembers a message.</summary>
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(7);

    internal static IEnumerable<string> Problems(OutboxOptions options)
    {
        if (options.BatchSize is < 1 or > 10_000) yield return $"Dox:Outbox:BatchSize is {options.BatchSize}; it must be 1 to 10000.";
        if (options.PollInterval <= TimeSpan.Zero) yield return "Dox:Outbox:PollInterval must be more than nothing.";
        if (options.Lease <= TimeSpan.Zero) yield return "Dox:Outbox:Lease must be more than nothing.";
        if (options.MaxAttempts < 1) yield return $"Dox:Outbox:MaxAttempts is {options.MaxAttempts}; it must be at least 1.";
        if (options.InboxRetention <= TimeSpan.Zero) yield return "Dox:Outbox:InboxRetention must be more than nothing.";
    }
}
