using System.Text.Json.Serialization;
using Dox.SharedKernel.Errors;

namespace Dox.Validation.Contracts;

/// <summary>How a file fared as a whole. Wire values are those that earlier clients know.</summary>
public enum FinalStatus
{
    /// <summary>All steps passed.</summary>
    Valid,

    /// <summary>The caller's or its account's quota is used up (429).</summary>
    RateLimited,

    /// <summary>Empty or over the limit (413).</summary>
    SizeExceeded,

    /// <summary>The name's extension isn't allowed (415).</summary>
    ExtensionNotAllowed,

    /// <summary>The content's type isn't allowed, or isn't what was claimed (415).</summary>
    MimeTypeNotAllowed,

    /// <summary>The scanner found a threat (422).</summary>
    Infected,

    /// <summary>The scanner couldn't look at all of it (422).</summary>
    Unscannable,

    /// <summary>It doesn't open as what it claims to be (422).</summary>
    FormatInvalid,

    /// <summary>A step couldn't be carried out (503).</summary>
    Error,
}

/// <summary>The verdict of a scan. Only <see cref="Clean"/> passes on its own; see <c>CLAMAV_ENABLED</c> for <see cref="NotScanned"/>.</summary>
public enum ScanVerdict
{
    /// <summary>Nothing found, and all of it was looked at.</summary>
    Clean,

    /// <summary>A threat was found.</summary>
    Infected,

    /// <summary>Limits or encryption kept the scanner from looking at all of it.</summary>
    Unscannable,

    /// <summary>There was no scanner.</summary>
    NotScanned,
}

/// <summary>What the scanner said.</summary>
/// <param name="ScanResult">The verdict.</param>
/// <param name="ScanTime">In milliseconds.</param>
/// <param name="Scanner">Its name and version, or <c>none</c>.</param>
/// <param name="SignatureVersion">Of its database, where it told.</param>
/// <param name="ThreatName">What it found.</param>
public sealed record VirusScanResult(ScanVerdict ScanResult, double ScanTime, string Scanner, string? SignatureVersion = null, string? ThreatName = null);

/// <summary>What is left of a quota.</summary>
/// <param name="WithinLimit">Whether one more may be sent.</param>
/// <param name="WindowHours">Length of the sliding window.</param>
/// <param name="UserCount">Sent by the user within the window.</param>
/// <param name="UserLimit">What a user may send.</param>
/// <param name="AccountCount">Sent by the account within the window.</param>
/// <param name="AccountLimit">What an account may send.</param>
/// <param name="Violation">Which limit stands in the way: <c>user</c>, <c>account</c>, <c>burst</c>, <c>user_bytes</c>, <c>account_bytes</c>.</param>
/// <param name="RetryAfterSeconds">When one more may be sent; 0 where it may now.</param>
public sealed record RateLimitInfo(
    bool WithinLimit, double WindowHours, int UserCount, int UserLimit, int AccountCount, int AccountLimit, string? Violation = null, int RetryAfterSeconds = 0)
{
    /// <summary>Bytes sent by the user within the window.</summary>
    public long UserBytes { get; init; }

    /// <summary>Bytes that a user may send.</summary>
    public long UserBytesLimit { get; init; }

    /// <summary>Bytes sent by the account within the window.</summary>
    public long AccountBytes { get; init; }

    /// <summary>Bytes that an account may send.</summary>
    public long AccountBytesLimit { get; init; }

    /// <summary>When the user's oldest document leaves the window and makes room for one more; 0 where there is none.</summary>
    public int ResetSeconds { get; init; }
}

/// <summary>What was learnt by opening the file.</summary>
/// <param name="Kind"><c>pdf</c>, <c>png</c>, <c>jpeg</c>, <c>tiff</c>.</param>
/// <param name="Pages">Of a PDF or TIFF; 1 for other images.</param>
/// <param name="Width">Of an image, in pixels.</param>
/// <param name="Height">Of an image, in pixels.</param>
/// <param name="Encryption"><c>none</c>, <c>owner_only</c>, <c>needs_password</c>.</param>
/// <param name="ActiveContent">What could act on its own, for example <c>open_action:goto</c>.</param>
public sealed record FormatValidationResult(
    string Kind, int Pages, int? Width, int? Height, string Encryption, IReadOnlyList<string> ActiveContent);

/// <summary>The outcome of one step.</summary>
/// <param name="Step">Its name: <c>file_size</c>, <c>mime_type</c>, <c>virus_scan</c>, <c>rate_limit</c>, <c>format_validation</c>.</param>
/// <param name="Passed">Whether the file may go on.</param>
/// <param name="Status">What the whole is called if this is the first step that fails.</param>
/// <param name="HttpStatus">The answer to a refusal; 200 where it passed.</param>
/// <param name="Findings">All that is wrong.</param>
/// <param name="Warnings">What is odd and doesn't matter.</param>
/// <param name="DurationMs">In milliseconds.</param>
public sealed record StepResult(
    string Step, bool Passed, FinalStatus Status, int HttpStatus, IReadOnlyList<Finding> Findings, IReadOnlyList<Finding> Warnings, double DurationMs)
{
    /// <summary>Of the step <c>virus_scan</c>.</summary>
    public VirusScanResult? VirusScan { get; init; }

    /// <summary>Of the step <c>rate_limit</c>.</summary>
    public RateLimitInfo? RateLimit { get; init; }

    /// <summary>Of the step <c>format_validation</c>.</summary>
    public FormatValidationResult? Format { get; init; }
}

/// <summary>All five steps together; the fields that earlier clients rely on, and ours.</summary>
public sealed record ValidationResult
{
    /// <summary>Whether all steps passed.</summary>
    [JsonIgnore]
    public bool Passed => FinalStatus == FinalStatus.Valid;

    /// <summary>The first failing step's status, or valid.</summary>
    public required FinalStatus FinalStatus { get; init; }

    /// <summary>The HTTP status of a refusal; 200 for a valid file.</summary>
    public required int HttpStatus { get; init; }

    /// <summary>As cleaned.</summary>
    public required string OriginalFilename { get; init; }

    /// <summary><c>sha256:</c> and 64 hexadecimal digits.</summary>
    public required string FileHash { get; init; }

    /// <summary>In bytes.</summary>
    public required long FileSize { get; init; }

    /// <summary>With its dot, lower case; empty without one.</summary>
    public required string FileExtension { get; init; }

    /// <summary>As found in the content.</summary>
    public required string MimeType { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset ValidationTimestamp { get; init; }

    /// <summary>Names of the steps that passed.</summary>
    public required IReadOnlyList<string> StepsCompleted { get; init; }

    /// <summary>Names of the steps that didn't.</summary>
    public required IReadOnlyList<string> StepsFailed { get; init; }

    /// <summary>All that is wrong, over all steps.</summary>
    public required IReadOnlyList<Finding> Errors { get; init; }

    /// <summary>What is odd and doesn't matter.</summary>
    public required IReadOnlyList<Finding> Warnings { get; init; }

    /// <summary>What is left of the quota.</summary>
    public RateLimitInfo? RateLimitInfo { get; init; }

    /// <summary>What the scanner said.</summary>
    public VirusScanResult? VirusScanResult { get; init; }

    /// <summary>What was learnt by opening it.</summary>
    public FormatValidationResult? FormatValidationResult { get; init; }

    /// <summary>In milliseconds, all steps.</summary>
    public required double ValidationDuration { get; init; }

    /// <summary>Milliseconds by step.</summary>
    public required IReadOnlyDictionary<string, double> Durations { get; init; }
}
