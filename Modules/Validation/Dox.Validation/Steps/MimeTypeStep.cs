using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Dox.Validation.Contracts;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Steps;

/// <summary>Step 2: extension, declared type and magic bytes agree, the type is allowed, and the file isn't another type as well.</summary>
internal sealed class MimeTypeStep(FileContent content, IOptions<ValidationOptions> options) : IValidationStep
{
    private const int HeadSize = 4096;

    public string Name => "mime_type";

    public async Task<StepResult> CheckAsync(SubmittedFile file, CancellationToken cancellationToken)
    {
        await using var stream = await content.OpenAsync(file, cancellationToken);
        var head = new byte[HeadSize];
        var headLength = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        head = head[..headLength];
        var found = MediaTypes.Detect(head);

        var findings = new List<Finding>();
        var warnings = new List<Finding>();
        CheckName(file.FileName, found, findings);
        var nameIsWrong = findings.Exists(f => f.Code != "extension_mismatch");
        CheckDeclared(file.DeclaredMediaType, found, findings);
        CheckContent(found, head, findings, warnings);
        findings.AddRange(await Polyglots.FindAsync(this, found, head, stream, cancellationToken));
        return this.Result(findings, nameIsWrong ? FinalStatus.ExtensionNotAllowed : FinalStatus.MimeTypeNotAllowed, 415, warnings);
    }

    private string Allowed => string.Join(", ", options.Value.Extensions);

    private void CheckName(string name, string found, List<Finding> findings)
    {
        var parts = name.ToLowerInvariant().Split('.', StringSplitOptions.TrimEntries);
        var last = parts.Length > 1 ? parts[^1] : "";
        if (!options.Value.Extensions.Contains(last))
        {
            findings.Add(this.Finding(
                "extension_not_allowed", last.Length == 0 ? $"The file's name has no extension. Allowed are {Allowed}." : $"Files named .{last} aren't taken. Allowed are {Allowed}.",
                last.Length == 0 ? name : $".{last}", Allowed));
        }

        else if (FileTypes.ByExtension[last] != found)
        {
            findings.Add(this.Finding(
                "extension_mismatch", $"The name says .{last}, but the content is {Known(found)}. Check the file, or rename it after what it is.", $".{last}", evidence: found));
        }

        foreach (var hidden in parts.Skip(1).SkipLast(1).Where(p => FileTypes.IsKnown(p) && !IsSameType(p, found)))
        {
            findings.Add(this.Finding(
                "double_extension", $"The file's name hides a second extension, .{hidden}. Rename it to one extension alone.", name, evidence: $".{hidden}"));
        }
    }

    // "scan.pdf.pdf" is clumsy, "invoice.exe.pdf" is a trap.
    private static bool IsSameType(string extension, string found) => FileTypes.ByExtension.GetValueOrDefault(extension) == found;

    private void CheckDeclared(string? declared, string found, List<Finding> findings)
    {
        if (FileTypes.SaysNothing(declared) || FileTypes.Canonical(declared!) is var claimed && claimed == found) return;
        var allowed = options.Value.MediaTypes.Contains(claimed);
        findings.Add(this.Finding(
            allowed ? "declared_type_mismatch" : "declared_type_not_allowed",
            allowed ? $"The file was declared to be {claimed}, but its content is {Known(found)}." : $"The file was declared to be {claimed}, which isn't taken.",
            claimed, allowed ? null : string.Join(", ", options.Value.MediaTypes), found));
    }

    private void CheckContent(string found, ReadOnlySpan<byte> head, List<Finding> findings, List<Finding> warnings)
    {
        if (!options.Value.MediaTypes.Contains(found))
        {
            findings.Add(this.Finding(
                "content_type_not_allowed", $"The content is {Known(found)}, whatever its name says. Send a PDF, PNG, JPEG or TIFF.", found, string.Join(", ", options.Value.MediaTypes)));
        }

        if (found == MediaTypes.Pdf && MediaTypes.PdfHeaderOffset(head) is var offset and > 0)
            warnings.Add(this.Finding("pdf_header_offset", "Something stands before the PDF's header.", evidence: $"{offset} bytes"));
    }

    private static string Known(string found) => found == MediaTypes.Unknown ? "none that is known" : found;
}
