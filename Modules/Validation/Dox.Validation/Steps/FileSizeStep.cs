using Dox.SharedKernel.Errors;
using Dox.Validation.Contracts;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Steps;

/// <summary>Step 1: 1 byte to the limit, as counted while the body came.</summary>
internal sealed class FileSizeStep(IOptions<ValidationOptions> options) : IValidationStep
{
    public string Name => "file_size";

    public Task<StepResult> CheckAsync(SubmittedFile file, CancellationToken cancellationToken)
    {
        var max = options.Value.MaxFileSize;
        Finding[] findings = file.Length switch
        {
            <= 0 => [this.Finding("file_empty", "The file is empty. Check that it was written to its end, then send it again.", "0", $"{max}")],
            var length when length > max => [this.Finding(
                "file_too_large", $"The file is larger than the {options.Value.MaxFileSizeMb} MB that are allowed. Send a smaller one, or split it.", $"{length}", $"{max}")],
            _ => [],
        };
        return Task.FromResult(this.Result(findings, FinalStatus.SizeExceeded, 413));
    }
}
