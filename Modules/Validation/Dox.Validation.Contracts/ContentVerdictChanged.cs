using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.Validation.Contracts;

/// <summary>What is known now of content that was let in.</summary>
public enum ContentVerdict
{
    /// <summary>It passed unscanned, and was scanned now: nothing was found.</summary>
    Clean,

    /// <summary>It passed unscanned, and the scanner that is there now can't look at all of it.</summary>
    Unscannable,

    /// <summary>A threat was found in it. Its bytes are in quarantine and nobody can read them.</summary>
    Quarantined,

    /// <summary>People looked at it and found that it does no harm; its bytes can be read again.</summary>
    Released,

    /// <summary>Its bytes were destroyed.</summary>
    Deleted,
}

/// <summary>Content that documents share is judged otherwise than when they came in.</summary>
/// <param name="Sha256">Of the content: 64 lower-case hexadecimal digits.</param>
/// <param name="Verdict">What is known now.</param>
/// <param name="Scan">What the scanner said last.</param>
/// <param name="QuarantineId">Where its bytes are, or were.</param>
/// <param name="Reason">Why people released or deleted it.</param>
/// <param name="At">UTC.</param>
[MessageName("validation.content-verdict-changed.v1")]
public sealed record ContentVerdictChanged(
    string Sha256, ContentVerdict Verdict, VirusScanResult Scan, Id<Quarantined>? QuarantineId, string? Reason, DateTimeOffset At) : IIntegrationEvent;
