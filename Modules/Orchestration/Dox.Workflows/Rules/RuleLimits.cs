namespace Dox.Workflows.Rules;

/// <summary>How much of a rule may go on at once.</summary>
/// <param name="Runs">Its runs that are worked on, in all processes together; null for any number. Those that wait for a person, an event or a time don't count.</param>
/// <param name="Steps">Its runs that a process works on, and so its steps, but for those of lanes; null for any number.</param>
public sealed record RuleLimits(int? Runs = null, int? Steps = null)
{
    private const int Most = 100_000;

    /// <summary>No limit.</summary>
    public static RuleLimits None { get; } = new();

    internal static RuleLimits Read(YamlFields fields, DiagnosticBag bag)
    {
        if (fields.Map("limits") is not { } map) return None;
        var limits = new YamlFields(map, "limits", bag);
        var read = new RuleLimits(Whole(limits, "runs", bag), Whole(limits, "steps", bag));
        limits.WarnAboutTheRest();
        return read;
    }

    private static int? Whole(YamlFields limits, string key, DiagnosticBag bag)
    {
        if (limits.Number(key, 1, Most) is not { } number) return null;
        if (number == Math.Floor(number)) return (int)number;
        bag.Warn("bad-number", limits.MarkOf(key), $"'{key}' must be a whole number; {Math.Floor(number)} is taken.");
        return (int)number;
    }
}
