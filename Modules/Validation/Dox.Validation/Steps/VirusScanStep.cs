using Dox.Validation.Contracts;
using Dox.Validation.Scanning;

namespace Dox.Validation.Steps;

/// <summary>Step 3: what the virus scanner says. Only clean passes, and what there was no scanner for where the configuration lets it.</summary>
internal sealed class VirusScanStep(VirusScanner scanner) : IValidationStep
{
    public string Name => "virus_scan";

    public async Task<StepResult> CheckAsync(SubmittedFile file, CancellationToken cancellationToken)
    {
        var (result, reason) = await scanner.ScanAsync(file, cancellationToken);
        var step = result.ScanResult switch
        {
            ScanVerdict.Clean => this.Result([], FinalStatus.Infected, 422),
            ScanVerdict.Infected => Refused(FinalStatus.Infected, 422, "infected", "The virus scanner found a threat. Don't open this file, and scan the machine it comes from.", result.ThreatName),
            ScanVerdict.Unscannable => Refused(
                FinalStatus.Unscannable, 422, "unscannable", $"The file can't be scanned for viruses. {reason} Send it without encryption and without archives within.", null),
            _ when scanner.Mode == ScannerMode.True => Refused(
                FinalStatus.Error, 503, "scanner_unavailable", "Files can't be scanned for viruses at the moment, and nothing is taken unscanned. Try again later.", null),
            _ => this.Result([], FinalStatus.Error, 503, [this.Finding("not_scanned", "The file wasn't scanned for viruses: there is no scanner.", evidence: reason)]),
        };
        return step with { VirusScan = result };
    }

    private StepResult Refused(FinalStatus status, int httpStatus, string code, string message, string? evidence) =>
        this.Result([this.Finding(code, message, evidence: evidence)], status, httpStatus);
}
