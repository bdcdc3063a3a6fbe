using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Dox.Validation.Ledger;
using Dox.Validation.Scanning;
using Dox.Validation.Steps;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Quarantine;

/// <summary>Takes content in which a threat was found out of reach.</summary>
internal sealed class QuarantineIntake(
    ValidationDbContext db, QuarantineVault vault, FileContent content, IContentStore store, IOptions<ValidationOptions> options, TimeProvider clock)
{
    /// <summary>
    /// Keeps an upload that is refused, where that is wanted: somebody may have to look at it, or find that the scanner errs. The same bytes may have
    /// been let in before, by older signatures; then they are taken away too.
    /// </summary>
    public async Task TakeAsync(SubmittedFile file, ScanOutcome outcome, Caller caller, CancellationToken cancellationToken)
    {
        if (await IsLetInAsync(file.Sha256, cancellationToken)) await WithdrawAsync(file.Sha256, outcome.Result, outcome.Scanner!, cancellationToken);
        else if (options.Value.Quarantine.Enabled) await KeepRefusedAsync(file, outcome.Result, caller, cancellationToken);
    }

    private async Task<bool> IsLetInAsync(string sha256, CancellationToken cancellationToken)
    {
        // What nobody let in is in no ledger
        if (!await db.Contents.AnyAsync(c => c.Sha256 == sha256 && c.State <= ContentState.Accepted, cancellationToken)) return false;
        try
        {
            await (await store.OpenAsync(sha256, cancellationToken)).DisposeAsync();
            return true;
        }
        catch (DoxException e) when (e.Status == 404)
        {
            return false;
        }
    }

    private async Task KeepRefusedAsync(SubmittedFile file, VirusScanResult scan, Caller caller, CancellationToken cancellationToken)
    {
        await using (var bytes = await content.OpenAsync(file, cancellationToken)) await vault.PutAsync(file.Sha256, bytes, cancellationToken);
        await using var write = await db.BeginWriteAsync(cancellationToken);
        await NoteAsync(
            new QuarantineEntry
            {
                Id = Id<Quarantined>.New(clock),
                Sha256 = file.Sha256,
                Length = file.Length,
                MediaType = file.MediaType,
                FileName = file.FileName,
                Account = RateLimitBurst.Subject(caller.Account),
                SubmittedBy = RateLimitBurst.Subject(caller.User),
                Threat = scan.ThreatName ?? "",
                Scanner = scan.Scanner,
                SignatureVersion = scan.SignatureVersion,
                At = clock.GetUtcNow(),
            },
            caller, cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    /// <summary>Takes away what was let in, and tells of it.</summary>
    /// <param name="sha256">Of content in the store.</param>
    /// <param name="scan">What the scanner says now.</param>
    /// <param name="scanner">Its version.</param>
    /// <param name="cancellationToken">Stops; done again, what is missing is done.</param>
    public async Task WithdrawAsync(string sha256, VirusScanResult scan, string scanner, CancellationToken cancellationToken)
    {
        // First a copy, then the note of it, then the bytes go: a crash in between leaves them readable until this is done again, and never lost
        await using (var bytes = await store.OpenAsync(sha256, cancellationToken)) await vault.PutAsync(sha256, bytes, cancellationToken);
        await using (var write = await db.BeginWriteAsync(cancellationToken))
        {
            var now = clock.GetUtcNow();
            var record = await db.Contents.SingleAsync(c => c.Sha256 == sha256, cancellationToken);
            (record.State, record.Verdict, record.Scanner, record.Due) = (ContentState.Quarantined, ScanVerdict.Infected, scanner, null);
            var entry = await NoteAsync(
                new QuarantineEntry
                {
                    Id = Id<Quarantined>.New(clock),
                    Sha256 = sha256,
                    Length = record.Length,
                    MediaType = record.MediaType,
                    Account = Caller.System.Account,
                    SubmittedBy = Caller.System.User,
                    WasAccepted = true,
                    Threat = scan.ThreatName ?? "",
                    Scanner = scan.Scanner,
                    SignatureVersion = scan.SignatureVersion,
                    At = now,
                },
                Caller.System, cancellationToken);
            db.Raise(new ContentVerdictChanged(sha256, ContentVerdict.Quarantined, scan, entry.Id, null, now));
            await db.SaveChangesAsync(cancellationToken);
            await write.CommitAsync(cancellationToken);
        }

        await store.RemoveAsync(sha256, cancellationToken);
    }

    private async Task<QuarantineEntry> NoteAsync(QuarantineEntry entry, Caller by, CancellationToken cancellationToken)
    {
        var known = await db.Quarantine.SingleOrDefaultAsync(q => q.Sha256 == entry.Sha256 && q.State < QuarantineState.Released, cancellationToken);
        if (known is not null)
        {
            known.Times++;
            known.WasAccepted |= entry.WasAccepted;
            (known.Threat, known.Scanner, known.SignatureVersion) = (entry.Threat, entry.Scanner, entry.SignatureVersion);
            await db.SaveChangesAsync(cancellationToken);
            return known;
        }

        db.Quarantine.Add(entry);
        await db.SaveChangesAsync(cancellationToken);
        await db.NoteAsync(
            new AuditRecord(by, entry.Account, "quarantine.put", entry.Id.ToString(), entry.Threat, To: ValidationTelemetry.Name(entry.State)), clock, cancellationToken);
        return entry;
    }
}
