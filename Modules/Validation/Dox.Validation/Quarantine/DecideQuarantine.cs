using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Dox.Validation.Ledger;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Quarantine;

/// <summary>What becomes of quarantined content: released by two people, or destroyed.</summary>
internal static class DecideQuarantine
{
    /// <summary>Asks for the release, or agrees to it.</summary>
    [Requires(Role.Admin)]
    internal sealed record Release(Id<Quarantined> Id, string Reason) : ICommand<Decision>;

    /// <summary>Destroys the bytes.</summary>
    [Requires(Role.Admin)]
    internal sealed record Delete(Id<Quarantined> Id, string? Reason) : ICommand<Decision>;

    /// <param name="Success">Always true.</param>
    /// <param name="Quarantine">How it stands now.</param>
    /// <param name="NextSteps">What is left to do; null where nothing is.</param>
    /// <param name="Timestamp">UTC.</param>
    internal sealed record Decision(bool Success, QuarantineView Quarantine, string? NextSteps, DateTimeOffset Timestamp);

    /// <param name="Reason">Why; the audit keeps it.</param>
    internal sealed record Body(string? Reason = null);

    internal sealed class Validator : AbstractValidator<Release>
    {
        public Validator() =>
            RuleFor(c => c.Reason).NotEmpty().WithErrorCode("reason_missing").WithMessage("Say in reason why this content may be read, for example whom you asked.");
    }

    internal sealed class ReleaseHandler(
        ValidationDbContext db, QuarantineVault vault, IContentStore store, CallContext call, IOptions<ValidationOptions> options, TimeProvider clock)
        : IRequestHandler<Release, Decision>
    {
        public async Task<Decision> Handle(Release request, CancellationToken cancellationToken)
        {
            var (caller, quarantine) = (call.Caller, options.Value.Quarantine);
            var entry = await FindAsync(db, request.Id, cancellationToken);
            var before = entry.State;
            var now = clock.GetUtcNow();
            var released = entry.Release(caller.User, request.Reason, quarantine.FourEyes, now);
            // Back first: done twice it is done once, and what is told of must be there
            if (released && entry.WasAccepted) await PutBackAsync(entry, cancellationToken);
            await using (var write = await db.BeginWriteAsync(cancellationToken))
            {
                if (released)
                {
                    await SetStateAsync(db, entry, ContentState.Released, now, cancellationToken);
                    db.Raise(new ContentVerdictChanged(entry.Sha256, ContentVerdict.Released, ScanOf(entry), entry.Id, entry.Reason, now));
                }

                await SaveAsync(db, entry, cancellationToken);
                await db.NoteAsync(
                    new AuditRecord(
                        caller, entry.Account, released ? "quarantine.release" : "quarantine.request_release", entry.Id.ToString(), request.Reason,
                        ValidationTelemetry.Name(before), ValidationTelemetry.Name(entry.State)),
                    clock, cancellationToken);
                await write.CommitAsync(cancellationToken);
            }

            if (released) vault.Delete(entry.Sha256);
            return new(
                true, QuarantineView.Of(entry, quarantine.RetentionDays),
                !released ? "Another administrator has to agree: the same request, by somebody else."
                : entry.WasAccepted ? null : "The content is let in from now on: have it sent again.", now);
        }

        private async Task PutBackAsync(QuarantineEntry entry, CancellationToken cancellationToken)
        {
            var id = Id<Document>.New(clock);
            await using var bytes = vault.Open(entry.Sha256);
            var staged = await store.StageAsync(id, bytes, entry.Length, cancellationToken);
            if (staged.Sha256 != entry.Sha256)
            {
                await store.DiscardStagedAsync(id, CancellationToken.None);
                throw new InvalidDataException($"What quarantine kept as {entry.Sha256} is {staged.Sha256}.");
            }

            await store.AcceptAsync(new DocumentRef(id, entry.Sha256, entry.Length, entry.MediaType), cancellationToken);
        }
    }

    internal sealed class DeleteHandler(ValidationDbContext db, QuarantineVault vault, CallContext call, IOptions<ValidationOptions> options, TimeProvider clock)
        : IRequestHandler<Delete, Decision>
    {
        public async Task<Decision> Handle(Delete request, CancellationToken cancellationToken)
        {
            var entry = await FindAsync(db, request.Id, cancellationToken);
            await DestroyAsync(db, vault, entry, call.Caller, request.Reason, clock, cancellationToken);
            return new(true, QuarantineView.Of(entry, options.Value.Quarantine.RetentionDays), null, clock.GetUtcNow());
        }
    }

    /// <summary>Destroys an entry's bytes, for a person or because its time is over.</summary>
    public static async Task DestroyAsync(
        ValidationDbContext db, QuarantineVault vault, QuarantineEntry entry, Caller by, string? reason, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var before = entry.State;
        entry.Delete(by.User, reason, now);
        await using (var write = await db.BeginWriteAsync(cancellationToken))
        {
            await SetStateAsync(db, entry, ContentState.Deleted, now, cancellationToken);
            if (entry.WasAccepted) db.Raise(new ContentVerdictChanged(entry.Sha256, ContentVerdict.Deleted, ScanOf(entry), entry.Id, reason, now));
            await SaveAsync(db, entry, cancellationToken);
            await db.NoteAsync(
                new AuditRecord(by, entry.Account, "quarantine.delete", entry.Id.ToString(), reason, ValidationTelemetry.Name(before), ValidationTelemetry.Name(entry.State)),
                clock, cancellationToken);
            await write.CommitAsync(cancellationToken);
        }

        vault.Delete(entry.Sha256);
    }

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/quarantine/{id}/release", (Id<Quarantined> id, Body? body, IMediator mediator, CancellationToken cancellationToken) =>
                mediator.Send(new Release(id, body?.Reason ?? ""), cancellationToken))
            .WithSummary("Release content from quarantine; a second administrator has to agree")
            .Produces<Decision>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapDelete("/quarantine/{id}", (Id<Quarantined> id, string? reason, IMediator mediator, CancellationToken cancellationToken) =>
                mediator.Send(new Delete(id, reason), cancellationToken))
            .WithSummary("Destroy quarantined content")
            .Produces<Decision>().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<QuarantineEntry> FindAsync(ValidationDbContext db, Id<Quarantined> id, CancellationToken cancellationToken) =>
        await db.Quarantine.SingleOrDefaultAsync(q => q.Id == id, cancellationToken) ?? throw DoxException.NotFound("quarantine_entry", id.ToString());

    // An upload that was refused has a record too: released, it passes when it is sent again
    private static async Task SetStateAsync(ValidationDbContext db, QuarantineEntry entry, ContentState state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var record = await db.Contents.SingleOrDefaultAsync(c => c.Sha256 == entry.Sha256, cancellationToken);
        if (record is null) db.Contents.Add(record = new ContentRecord { Sha256 = entry.Sha256, Length = entry.Length, MediaType = entry.MediaType });
        (record.State, record.Verdict, record.SeenAt, record.Due) = (state, ScanVerdict.Infected, now, null);
    }

    private static async Task SaveAsync(ValidationDbContext db, QuarantineEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            throw DoxException.Conflict("quarantine_changed", $"Somebody decided on {entry.Id} at the same moment. Look at it again.");
        }
    }

    private static VirusScanResult ScanOf(QuarantineEntry entry) => new(ScanVerdict.Infected, 0, entry.Scanner, entry.SignatureVersion, entry.Threat);
}
