namespace Dox.SharedKernel.Infrastructure.Outbox;

/// <summary>How messages leave a module. Section <c>Dox:Outbox</c>.</summary>
public sealed class OutboxOptions
{
    /// <summary>How many rows one delivery takes.</summary>
    public int BatchSize { get; set; } = 128;

    /// <summary>How often to look without having been woken.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a relay may hold a row; after that another may take it.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>After how many failed deliveries a row is given up (and told of by <c>outbox_dead</c>).</summary>
    public int MaxAttempts { get; set; } = 12;

    /// <summary>How long the inbox remembers a message.</summary>
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(7);
}
