using Dox.Validation.Contracts;
using Dox.Validation.Steps;
using MediatR;

namespace Dox.Validation.Files;

/// <summary>Each step on its own, as a rule asks for it.</summary>
internal static class StepHandlers
{
    internal sealed class FileSize(StepRunner runner, FileSizeStep step) : IRequestHandler<CheckFileSize, StepResult>
    {
        public Task<StepResult> Handle(CheckFileSize request, CancellationToken cancellationToken) => runner.RunAsync(step, request.Document, cancellationToken);
    }

    internal sealed class MimeType(StepRunner runner, MimeTypeStep step) : IRequestHandler<CheckMimeType, StepResult>
    {
        public Task<StepResult> Handle(CheckMimeType request, CancellationToken cancellationToken) => runner.RunAsync(step, request.Document, cancellationToken);
    }

    internal sealed class VirusScan(StepRunner runner, VirusScanStep step) : IRequestHandler<ScanForViruses, StepResult>
    {
        public Task<StepResult> Handle(ScanForViruses request, CancellationToken cancellationToken) => runner.RunAsync(step, request.Document, cancellationToken);
    }

    internal sealed class RateLimit(StepRunner runner, RateLimitStep step) : IRequestHandler<CheckRateLimit, StepResult>
    {
        public Task<StepResult> Handle(CheckRateLimit request, CancellationToken cancellationToken) => runner.RunAsync(step, request.Document, cancellationToken);
    }

    internal sealed class Format(StepRunner runner, FormatStep step) : IRequestHandler<CheckFormat, StepResult>
    {
        public Task<StepResult> Handle(CheckFormat request, CancellationToken cancellationToken) => runner.RunAsync(step, request.Document, cancellationToken);
    }

    internal sealed class All(FileValidation validation) : IRequestHandler<ValidateFile, ValidationResult>
    {
        public Task<ValidationResult> Handle(ValidateFile request, CancellationToken cancellationToken) =>
            validation.RunAsync(request.Document, kept: !request.IsTrial, cancellationToken);
    }
}
