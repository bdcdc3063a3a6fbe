using Dox.Host.Demo.Samples;

namespace Dox.Host.Demo;

/// <summary>Did a sample end where it belongs?</summary>
internal static class DemoVerdict
{
    /// <summary>What is wrong with how it ended; null where nothing is.</summary>
    public static string? Complaint(DemoDocument document)
    {
        if (document.Submission is not { } submission)
            return "it was never answered";
        if (!document.AtRest)
            return $"it didn't come to rest in time; its run is {document.State?.RunStatus ?? "unknown"}{At(document)}";
        return document.Sample.Expectation switch
        {
            Ending.Matched => Matched(document, submission),
            Ending.HumanReview => Reviewed(document, submission),
            Ending.ManualSelection => Waits(document, submission),
            Ending.Refused => Refused(document, submission),
            _ => submission.Accepted && document.Unscanned ? Matched(document, submission) : Refused(document, submission),
        };
    }

    private static string? Matched(DemoDocument document, Submission submission) => (submission.Accepted, document.State) switch
    {
        (false, _) => RefusedUnexpectedly(submission),
        (_, { RunStatus: not "success" } state) => $"its run is {state.RunStatus}{At(document)}, not success",
        (_, { } state) when !IsOfFamily(document, state) => $"it was recognised as {state.TemplateId ?? "nothing"}, not as {document.Sample.Family}",
        (_, { ApprovalType: not "auto_accepted" } state) => $"it was {state.ApprovalType ?? "not approved"}, not auto_accepted",
        _ => null,
    };

    private static string? Reviewed(DemoDocument document, Submission submission)
    {
        if (!submission.Accepted)
            return RefusedUnexpectedly(submission);
        if (document.BeforeDecision is not { } before)
            return $"no review of it was decided; its run is {document.State?.RunStatus}";
        if (before.Decision is not "human_review")
            return $"recognition decided {before.Decision} at {before.Confidence:0.00}, not human_review";
        return document.State switch
        {
            { RunStatus: not "success" } state => $"its run is {state.RunStatus}{At(document)} after the decision, not success",
            { ApprovalType: not "human_approved" } state => $"it is {state.ApprovalType ?? "not approved"} after the decision, not human_approved",
            _ => null,
        };
    }

    private static string? Waits(DemoDocument document, Submission submission) => (submission.Accepted, document.State) switch
    {
        (false, _) => RefusedUnexpectedly(submission),
        (_, { RunStatus: not "waiting_for_human" } state) => $"its run is {state.RunStatus}{At(document)}, not waiting_for_human",
        (_, { Decision: "auto_accepted" or "human_review" } state) => $"recognition decided {state.Decision} for {state.TemplateId}, though no template fits",
        _ => null,
    };

    private static string? Refused(DemoDocument document, Submission submission)
    {
        if (submission.Accepted)
            return $"it was accepted, though {string.Join(" or ", document.Sample.RefusingSteps)} should have refused it";
        if ((int)submission.Status is < 400 or >= 500)
            return $"the answer was {(int)submission.Status}";
        return document.Sample.RefusingSteps.Contains(submission.Step, StringComparer.Ordinal)
            ? null
            : $"{submission.Step ?? submission.Code} refused it, not {string.Join(" or ", document.Sample.RefusingSteps)}";
    }

    private static string RefusedUnexpectedly(Submission submission) => $"it was refused with {(int)submission.Status}: {submission.Message}";

    private static bool IsOfFamily(DemoDocument document, DocumentState state) =>
        state.TemplateId?.StartsWith(document.Sample.Family!, StringComparison.Ordinal) == true;

    private static string At(DemoDocument document) => document.State?.CurrentStep is { } step ? $" at '{step}'" : "";
}
