using System.Globalization;
using Dox.DocumentReading;
using Dox.SharedKernel.Errors;

namespace Dox.Validation.Steps;

/// <summary>What becomes of content that acts on its own, in the document and in documents within it.</summary>
internal static class ActiveContentRules
{
    private const int MostTold = 20;

    private static readonly HashSet<string> s_programs = new(StringComparer.Ordinal)
    {
        "application/vnd.microsoft.portable-executable", "application/x-elf", "application/x-mach-binary", "application/java-vm", "text/x-script", "text/html",
    };

    public static (IReadOnlyList<Finding> Rejected, IReadOnlyList<Finding> Flagged) Apply(IValidationStep step, DocumentInspection inspection, ActiveContentOptions options)
    {
        var found = Judge(step, inspection, options, within: null).ToList();
        return (
            [.. found.Where(f => f.Policy == ActiveContentPolicy.Reject).Select(f => f.Finding).Take(MostTold)],
            [.. found.Where(f => f.Policy == ActiveContentPolicy.Flag).Select(f => f.Finding).Take(MostTold)]);
    }

    /// <summary>For example <c>open_action:goto</c>.</summary>
    public static string NameOf(ActiveContent content)
    {
        var kind = ValidationTelemetry.Name(content.Kind);
        return content.Kind is ActiveContentKind.OpenAction or ActiveContentKind.AdditionalAction && content.Detail is { } detail ? $"{kind}:{detail.ToLowerInvariant()}" : kind;
    }

    private static IEnumerable<(ActiveContentPolicy Policy, Finding Finding)> Judge(
        IValidationStep step, DocumentInspection inspection, ActiveContentOptions options, string? within)
    {
        var place = within is null ? "" : $" in the attachment {within}";
        foreach (var content in inspection.ActiveContent.Where(c => c.Kind != ActiveContentKind.EmbeddedFile))
        {
            var policy = PolicyOf(content, options);
            yield return (policy, step.Finding(
                "active_content",
                policy == ActiveContentPolicy.Reject
                    ? $"The document has {Words(content.Kind)}{place}, which isn't taken. Print it to a new PDF, and send that."
                    : $"The document has {Words(content.Kind)}{place}.",
                NameOf(content),
                evidence: string.Create(CultureInfo.InvariantCulture, $"object {content.ObjectNumber}, {content.Count} times{(content.Detail is null ? "" : $", {content.Detail}")}")));
        }

        foreach (var file in inspection.EmbeddedFiles)
        {
            var policy = IsProgram(file) ? ActiveContentPolicy.Reject : IsXml(file) ? ActiveContentPolicy.Allow : options.EmbeddedFile;
            yield return (policy, step.Finding(
                "embedded_file", policy == ActiveContentPolicy.Reject ? $"The document carries a file that isn't taken{place}. Send it without." : $"The document carries a file{place}.",
                file.MediaType, evidence: $"{file.Name}, {file.Length} bytes, sha256:{file.Sha256}"));
            if (file.Inspection is not { } inner) continue;
            foreach (var finding in Judge(step, inner, options, file.Name)) yield return finding;
        }
    }

    private static ActiveContentPolicy PolicyOf(ActiveContent content, ActiveContentOptions options) => content.Kind switch
    {
        ActiveContentKind.JavaScript => options.JavaScript,
        ActiveContentKind.Launch => options.Launch,
        // To a page of the same document: where a viewer opens it
        ActiveContentKind.OpenAction when content.Detail is "GoTo" => ActiveContentPolicy.Allow,
        ActiveContentKind.OpenAction => options.OpenAction,
        ActiveContentKind.AdditionalAction => options.AdditionalAction,
        ActiveContentKind.SubmitForm => options.SubmitForm,
        ActiveContentKind.ImportData => options.ImportData,
        ActiveContentKind.GoToRemote => options.GoToRemote,
        ActiveContentKind.GoToEmbedded => options.GoToEmbedded,
        ActiveContentKind.RichMedia => options.RichMedia,
        _ => options.Xfa,
    };

    private static string Words(ActiveContentKind kind) => kind switch
    {
        ActiveContentKind.JavaScript => "a script",
        ActiveContentKind.Launch => "an action that starts a program",
        ActiveContentKind.OpenAction => "an action on opening",
        ActiveContentKind.AdditionalAction => "an action on an event",
        ActiveContentKind.SubmitForm => "a form that sends itself away",
        ActiveContentKind.ImportData => "an action that loads values from a file",
        ActiveContentKind.GoToRemote => "a link into another document",
        ActiveContentKind.GoToEmbedded => "a link into an attachment",
        ActiveContentKind.RichMedia => "video, sound, Flash or 3D",
        _ => "an XFA form",
    };

    private static bool IsXml(EmbeddedFile file) => file.MediaType is "application/xml" or "text/xml" || (!IsProgram(file) && file.Name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase));

    private static bool IsProgram(EmbeddedFile file) =>
        s_programs.Contains(file.MediaType) || FileTypes.IsProgram(FileTypes.ExtensionOf(file.Name.Trim()).TrimStart('.'));
}
