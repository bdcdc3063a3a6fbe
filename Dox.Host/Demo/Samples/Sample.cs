namespace Dox.Host.Demo.Samples;

/// <summary>Where a sample must come to rest.</summary>
internal enum Ending
{
    /// <summary>Its template was recognised and the run ended without a person.</summary>
    Matched,

    /// <summary>A template was nearly recognised; a person decides whether it is that one.</summary>
    HumanReview,

    /// <summary>No template fits; a person says what it is.</summary>
    ManualSelection,

    /// <summary>The upload was refused with a problem.</summary>
    Refused,

    /// <summary>Refused where a virus scanner answers, matched and marked as not scanned where none does.</summary>
    RefusedWhenScanned,
}

/// <summary>A file as somebody would send it, what that person would call it, and what must become of it.</summary>
internal sealed record Sample(
    string FileName,
    string MediaType,
    byte[] Content,
    string What,
    Ending Expectation,
    string? Family = null)
{
    /// <summary>The validation steps of which the first to fail may be any, where it must be refused.</summary>
    public IReadOnlyList<string> RefusingSteps { get; init; } = [];
}
