namespace Dox.Orchestration.Keys;

/// <summary>Keys that administrators make. Section <c>Dox:Keys</c>.</summary>
internal sealed class KeyOptions
{
    /// <summary>How long a new key is taken, where who makes it doesn't say: 1 to 3650 days.</summary>
    public int ValidDays { get; set; } = 365;

    /// <summary>How long the old text of a key is taken after it got a new one.</summary>
    public TimeSpan RotationOverlap { get; set; } = TimeSpan.FromHours(24);

    public static IEnumerable<string> Problems(KeyOptions options)
    {
        if (options.ValidDays is < 1 or > KeyRecord.MostDays) yield return $"Dox:Keys:ValidDays is {options.ValidDays}; it must be 1 to {KeyRecord.MostDays}.";
        if (options.RotationOverlap < TimeSpan.Zero) yield return "Dox:Keys:RotationOverlap must not be negative.";
    }
}
