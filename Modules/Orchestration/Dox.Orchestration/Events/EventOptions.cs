namespace Dox.Orchestration.Events;

/// <summary>What subscribers are told. Section <c>Dox:Events</c>.</summary>
internal sealed class EventOptions
{
    /// <summary>How often to look for what happened.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long events can be asked for again: by <c>Last-Event-ID</c>, and by webhooks that were away.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often a stream without events says that it is still there.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>After how long a stream is ended, so that its reader comes back and shows again who it is.</summary>
    public TimeSpan LongestStream { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How far a stream may fall behind, in entries of the feed; a slower reader is told so and let go.</summary>
    public int LargestLag { get; set; } = 10_000;

    /// <summary>How long a reader may keep a write waiting before it is let go.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many streams this process serves at once.</summary>
    public int MaxStreams { get; set; } = 1000;

    /// <summary>What stands before the names of Redis channels, where several installations share a Redis.</summary>
    public string ChannelPrefix { get; set; } = "";

    /// <summary>How often the newest events are put into the memory bank <c>WORKFLOW_EVENTS.json</c>; nothing: never.</summary>
    public TimeSpan BankInterval { get; set; } = TimeSpan.FromSeconds(5);

    public static IEnumerable<string> Problems(EventOptions options)
    {
        if (options.PollInterval <= TimeSpan.Zero) yield return "Dox:Events:PollInterval must be more than nothing.";
        if (options.Retention < TimeSpan.FromMinutes(1)) yield return "Dox:Events:Retention must be at least a minute.";
        if (options.Heartbeat <= TimeSpan.Zero) yield return "Dox:Events:Heartbeat must be more than nothing.";
        if (options.LongestStream <= TimeSpan.Zero) yield return "Dox:Events:LongestStream must be more than nothing.";
        if (options.LargestLag < 100) yield return $"Dox:Events:LargestLag is {options.LargestLag}; it must be at least 100.";
        if (options.WriteTimeout <= TimeSpan.Zero) yield return "Dox:Events:WriteTimeout must be more than nothing.";
        if (options.BankInterval < TimeSpan.Zero) yield return "Dox:Events:BankInterval is a time, or nothing.";
        if (options.MaxStreams < 1) yield return $"Dox:Events:MaxStreams is {options.MaxStreams}; it must be at least 1.";
    }
}
