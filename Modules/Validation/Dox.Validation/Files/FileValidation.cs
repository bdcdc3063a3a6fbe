using Dox.Validation.Contracts;
using Dox.Validation.Steps;

namespace Dox.Validation.Files;

/// <summary>The five steps in their order, and what they come to together.</summary>
internal sealed class FileValidation(
    FileSizeStep size, MimeTypeStep mimeType, VirusScanStep virusScan, RateLimitStep rateLimit, FormatStep format, StepRunner runner, TimeProvider clock)
{
    /// <summary>Runs all steps, so that the sender learns of everything at once; the first that fails says what the whole is called.</summary>
    /// <param name="file">Staged.</param>
    /// <param name="kept">Whether the file is meant to be kept and therefore counts.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<ValidationResult> RunAsync(SubmittedFile file, bool kept, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var results = new List<StepResult> { await runner.RunAsync(size, file, cancellationToken) };
        // Without bytes, or with more than may be looked at, there is nothing else to learn
        if (results[0].Passed)
        {
            // Begun beside the steps before them, with nothing decided: each waits for another process most of its time
            format.Begin(file);
            var peeked = kept ? null : runner.RunAsync(rateLimit.WithoutCounting, file, cancellationToken);
            results.Add(await runner.RunAsync(mimeType, file, cancellationToken));
            results.Add(await runner.RunAsync(kept ? virusScan : virusScan.WithoutKeeping, file, cancellationToken));
            // What is refused anyway costs nothing of the quota
            results.Add(await (peeked ?? runner.RunAsync(results.TrueForAll(r => r.Passed) ? rateLimit : rateLimit.WithoutCounting, file, cancellationToken)));
            results.Add(await runner.RunAsync(format, file, cancellationToken));
        }

        var first = results.Find(r => !r.Passed);
        return new ValidationResult
        {
            FinalStatus = first?.Status ?? FinalStatus.Valid,
            HttpStatus = first?.HttpStatus ?? 200,
            OriginalFilename = file.FileName,
            FileHash = $"sha256:{file.Sha256}",
            FileSize = file.Length,
            FileExtension = FileTypes.ExtensionOf(file.FileName),
            MimeType = file.MediaType,
            ValidationTimestamp = clock.GetUtcNow(),
            StepsCompleted = [.. results.Where(r => r.Passed).Select(r => r.Step)],
            StepsFailed = [.. results.Where(r => !r.Passed).Select(r => r.Step)],
            Errors = [.. results.SelectMany(r => r.Findings)],
            Warnings = [.. results.SelectMany(r => r.Warnings)],
            RateLimitInfo = results.Find(r => r.RateLimit is not null)?.RateLimit,
            VirusScanResult = results.Find(r => r.VirusScan is not null)?.VirusScan,
            FormatValidationResult = results.Find(r => r.Format is not null)?.Format,
            ValidationDuration = clock.GetElapsedTime(started).TotalMilliseconds,
            Durations = results.ToDictionary(r => r.Step, r => r.DurationMs, StringComparer.Ordinal),
        };
    }
}
