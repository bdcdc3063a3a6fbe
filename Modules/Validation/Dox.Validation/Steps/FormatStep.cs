using Dox.DocumentReading;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.Validation.Contracts;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Steps;

/// <summary>Step 5: the file opens as what it is, in a child process, within the limits of size, depth and active content.</summary>
internal sealed class FormatStep(Inspections inspections, IOptions<ValidationOptions> options) : IValidationStep
{
    public string Name => "format_validation";

    /// <summary>Whether the last document met no reader.</summary>
    public bool ReaderIsMissing { get; private set; }

    /// <summary>Has the file opened ahead of the check, which gets what comes of it.</summary>
    public void Begin(SubmittedFile file)
    {
        if (options.Value.MediaTypes.Contains(file.MediaType)) _ = inspections.LookAsync(file);
    }

    public async Task<StepResult> CheckAsync(SubmittedFile file, CancellationToken cancellationToken)
    {
        if (!options.Value.MediaTypes.Contains(file.MediaType))
        {
            return Refused(this.Finding(
                "format_unsupported", "The content is no document that DOX opens. Send a PDF, PNG, JPEG or TIFF.", file.MediaType, string.Join(", ", options.Value.MediaTypes)));
        }

        DocumentInspection inspection;
        try
        {
            inspection = await inspections.TakeAsync(file, cancellationToken);
            ReaderIsMissing = false;
        }
        catch (DocumentReaderUnavailableException)
        {
            ReaderIsMissing = true;
            return this.Result([this.Finding("reader_unavailable", "Documents can't be opened at the moment. Try again later.")], FinalStatus.Error, 503);
        }

        var (rejected, flagged) = ActiveContentRules.Apply(this, inspection, options.Value.ActiveContent);
        var warnings = inspection.Findings.Select(f => this.Finding(f.Code, f.Message, evidence: f.Evidence)).Concat(flagged).ToList();
        Finding[] findings = Problem(inspection) is { } problem ? [problem, .. rejected] : [.. rejected];
        return this.Result(findings, FinalStatus.FormatInvalid, 422, warnings) with { Format = Told(file, inspection) };
    }

    private StepResult Refused(Finding finding) => this.Result([finding], FinalStatus.FormatInvalid, 422);

    private Finding? Problem(DocumentInspection inspection) => inspection.Outcome switch
    {
        ReadingOutcome.Ok => null,
        ReadingOutcome.Encrypted when inspection.Encryption != DocumentEncryption.Unsupported => this.Finding(
            "password_required", "The document opens with a password alone. Remove the password, and send it again.", evidence: inspection.Code),
        ReadingOutcome.Encrypted => this.Finding(
            "encryption_unsupported", "The document is encrypted in a way that DOX doesn't know. Remove the encryption, and send it again.", evidence: inspection.Code),
        ReadingOutcome.Broken => this.Finding("format_broken", inspection.Message, evidence: inspection.Code),
        ReadingOutcome.TooLarge when inspection.Code == "image_too_large" => this.Finding(
            "image_too_large", inspection.Message, inspection.Width > 0 ? $"{inspection.Width} x {inspection.Height}" : null,
            $"{options.Value.ImageMaxWidth} x {options.Value.ImageMaxHeight}", inspection.Code),
        ReadingOutcome.TooLarge => this.Finding("document_too_large", inspection.Message, evidence: inspection.Code),
        ReadingOutcome.Unsupported => this.Finding("format_unsupported", inspection.Message, evidence: inspection.Code),
        _ => this.Finding(
            "unreadable", "The document can't be opened safely: it took too much time or memory, or broke the program that reads it. Save it anew with another program.",
            evidence: inspection.Code),
    };

    private static FormatValidationResult Told(SubmittedFile file, DocumentInspection inspection) => new(
        file.MediaType switch { MediaTypes.Pdf => "pdf", MediaTypes.Png => "png", MediaTypes.Jpeg => "jpeg", _ => "tiff" },
        inspection.Pages,
        inspection.Width > 0 ? inspection.Width : null,
        inspection.Height > 0 ? inspection.Height : null,
        inspection.Encryption switch
        {
            DocumentEncryption.None => "none",
            DocumentEncryption.EmptyPassword => "owner_only",
            DocumentEncryption.NeedsPassword => "needs_password",
            _ => "unsupported",
        },
        [.. inspection.ActiveContent.Select(ActiveContentRules.NameOf).Distinct(StringComparer.Ordinal)]);
}
