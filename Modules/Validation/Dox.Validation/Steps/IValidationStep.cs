using Dox.SharedKernel.Errors;
using Dox.Validation.Contracts;

namespace Dox.Validation.Steps;

/// <summary>One of the five checks. It answers with findings; only what isn't the file's fault is thrown.</summary>
internal interface IValidationStep
{
    /// <summary>Its name in results.</summary>
    string Name { get; }

    Task<StepResult> CheckAsync(SubmittedFile file, CancellationToken cancellationToken);
}

internal static class StepResults
{
    /// <summary>Passed where nothing is wrong; else what it is called and answered with.</summary>
    public static StepResult Result(
        this IValidationStep step, IReadOnlyList<Finding> findings, FinalStatus refusal, int httpStatus, IReadOnlyList<Finding>? warnings = null) =>
        findings.Count == 0
            ? new(step.Name, true, FinalStatus.Valid, 200, [], warnings ?? [], 0)
            : new(step.Name, false, refusal, httpStatus, findings, warnings ?? [], 0);

    public static Finding Finding(
        this IValidationStep step, string code, string message, string? provided = null, string? maxAllowed = null, string? evidence = null) =>
        new(step.Name, code, message, provided, maxAllowed, evidence);
}
