using System.Net;
using Dox.Host.Demo.Samples;

namespace Dox.Host.Demo;

/// <summary>What the server answered to an upload: ids and the scanner's verdict, or the step that refused it and why.</summary>
internal sealed record Submission(HttpStatusCode Status, string? DocumentId, string? WorkflowId, string? Scan)
{
    public string? Code { get; init; }

    public string? Step { get; init; }

    public string? Message { get; init; }

    public bool Accepted => DocumentId is not null;
}

/// <summary>What is known of a document at one moment: its run, and once that rests what recognition decided and why.</summary>
internal sealed record DocumentState(string RunStatus, string? CurrentStep, bool AtRest, string? Reason)
{
    public string? Decision { get; init; }

    public double? Confidence { get; init; }

    public string? TemplateId { get; init; }

    public string? ApprovalType { get; init; }
}

/// <summary>A sample on its way.</summary>
internal sealed class DemoDocument(Sample sample)
{
    public Sample Sample { get; } = sample;

    public Submission? Submission { get; set; }

    public DocumentState? State { get; set; }

    /// <summary>The state that it had when a person decided, where one did.</summary>
    public DocumentState? BeforeDecision { get; set; }

    public bool AtRest => Submission is { Accepted: false } || State is { AtRest: true };

    public bool WaitsForPerson => State is { AtRest: true, RunStatus: "waiting_for_human" };

    public bool Unscanned => Submission?.Scan == "not_scanned";
}
