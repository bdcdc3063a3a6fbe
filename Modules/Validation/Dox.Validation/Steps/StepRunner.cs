using System.Diagnostics;
using Dox.Validation.Contracts;

namespace Dox.Validation.Steps;

/// <summary>Runs a step with its span, its time and its metrics.</summary>
internal sealed class StepRunner(TimeProvider clock)
{
    public async Task<StepResult> RunAsync(IValidationStep step, SubmittedFile file, CancellationToken cancellationToken)
    {
        using var activity = ValidationTelemetry.Source.StartActivity($"validate {step.Name}");
        activity?.SetTag("dox.document_id", file.Id.ToString());
        var started = clock.GetTimestamp();
        var result = await step.CheckAsync(file, cancellationToken);
        result = result with { DurationMs = clock.GetElapsedTime(started).TotalMilliseconds };
        activity?.SetTag("dox.validation.status", ValidationTelemetry.Name(result.Status));
        if (result.Status == FinalStatus.Error) activity?.SetStatus(ActivityStatusCode.Error, result.Findings[0].Code);
        ValidationTelemetry.Finished(result);
        return result;
    }
}
