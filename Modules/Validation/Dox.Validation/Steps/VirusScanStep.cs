using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Dox.Validation.Ledger;
using Dox.Validation.Quarantine;
using Dox.Validation.Scanning;
using Microsoft.EntityFrameworkCore;

namespace Dox.Validation.Steps;

/// <summary>Step 3: what the virus scanner says. Only clean passes, and what there was no scanner for where the configuration lets it.</summary>
internal sealed class VirusScanStep(VirusScanner scanner, ContentLedger ledger, QuarantineIntake quarantine, ValidationDbContext db, CallContext call) : IValidationStep
{
    public string Name => "virus_scan";

    /// <summary>The same for a file that is looked at and not kept: nothing remembers it.</summary>
    public IValidationStep WithoutKeeping => new Trying(this);

    public async Task<StepResult> CheckAsync(SubmittedFile file, CancellationToken cancellationToken)
    {
        var outcome = await scanner.ScanAsync(file, cancellationToken);
        var verdict = outcome.Result.ScanResult;
        var released = verdict == ScanVerdict.Infected && await IsReleasedAsync(file, cancellationToken);
        var step = Judge(outcome, released);
        if (verdict == ScanVerdict.Infected && !released) await quarantine.TakeAsync(file, outcome, call.Caller, cancellationToken);
        // What waits for the scanner is scanned before it is let in; what is refused is nobody's to scan again
        if (step.Passed) await ledger.NoteAsync(new(file.Sha256, file.Length, file.MediaType, verdict, outcome.Scanner), cancellationToken);
        return step;
    }

    private Task<bool> IsReleasedAsync(SubmittedFile file, CancellationToken cancellationToken) =>
        db.Contents.AsNoTracking().AnyAsync(c => c.Sha256 == file.Sha256 && c.State == ContentState.Released, cancellationToken);

    private StepResult Judge(ScanOutcome outcome, bool released)
    {
        var (result, reason, _) = outcome;
        ValidationTelemetry.Scanned(result.ScanResult);
        var step = result.ScanResult switch
        {
            ScanVerdict.Clean => this.Result([], FinalStatus.Infected, 422),
            ScanVerdict.Infected when released => this.Result([], FinalStatus.Infected, 422, [this.Finding(
                "released_from_quarantine", "The virus scanner finds a threat; administrators looked at it and released it.", evidence: result.ThreatName)]),
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

    private sealed class Trying(VirusScanStep step) : IValidationStep
    {
        public string Name => step.Name;

        public async Task<StepResult> CheckAsync(SubmittedFile file, CancellationToken cancellationToken)
        {
            var outcome = await step.Scanner.ScanAsync(file, cancellationToken);
            return step.Judge(outcome, outcome.Result.ScanResult == ScanVerdict.Infected && await step.IsReleasedAsync(file, cancellationToken));
        }
    }

    private VirusScanner Scanner => scanner;
}
