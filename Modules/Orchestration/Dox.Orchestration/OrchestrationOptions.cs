namespace Dox.Orchestration;

/// <summary>Section <c>Dox:Rules</c>.</summary>
internal sealed class RuleOptions
{
    /// <summary>Folders with rules, besides <c>workflows</c> beside the program. A rule there takes the place of the shipped one of its name if its version is higher.</summary>
    public IList<string> Path { get; } = [];

    /// <summary>How often the folders and what was published are looked at, should nobody have told of a change.</summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(5);

    public static IEnumerable<string> Problems(RuleOptions options)
    {
        if (options.ReloadInterval < TimeSpan.FromMilliseconds(50)) yield return "Dox:Rules:ReloadInterval is at least 50 ms.";
        foreach (var folder in options.Path.Where(folder => !Directory.Exists(folder))) yield return $"Dox:Rules:Path names '{folder}', and there is no such folder.";
    }
}

/// <summary>Section <c>Dox:Engine</c>.</summary>
internal sealed class EngineOptions
{
    /// <summary>How many runs advance at once in this process.</summary>
    public int Workers { get; set; } = 16;

    /// <summary>How often to look for due runs and dead nodes without having been woken.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A delay up to this long is sat out in memory; a longer one is kept as a wake-up.</summary>
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A run whose node died this often is failed, with that reason: it may be what kills them.</summary>
    public int MaxRecoveries { get; set; } = 5;

    /// <summary>How many runs may start each other in a row, by events or as children; one more is refused as a circle.</summary>
    public int MaxCausationDepth { get; set; } = 20;

    /// <summary>How long a run rests that couldn't be advanced for a fault of ours, a database that is away for instance.</summary>
    public TimeSpan BackOff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After how long a run that this node owns and doesn't have is taken as lost, and found again. Longer than any hand-over takes: from an
    /// upload's commit to the engine, from a claim to its worker.
    /// </summary>
    public TimeSpan LostAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>New work is answered with 429 while runs wait longer than this to be worked on; nothing: never.</summary>
    public TimeSpan MaxQueueLag { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many steps of this process may call a service at once, by the service's name; those that aren't named, any number.</summary>
    public IDictionary<string, int> ServiceCalls { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>The team that gets what belongs to no other: reviews and blockers of rules whose service has no owner.</summary>
    public string DefaultTeam { get; set; } = "Document";

    /// <summary>How long a stop waits for runs to reach a checkpoint.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(6);
}
