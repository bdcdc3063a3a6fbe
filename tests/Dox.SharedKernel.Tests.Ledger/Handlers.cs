using System.Diagnostics;
using Dox.SharedKernel.Infrastructure.Dispatch;
using FluentValidation;
using MediatR;

namespace Dox.SharedKernel.Tests.Ledger;

internal sealed class AskValidator : AbstractValidator<Ask>
{
    public AskValidator() => RuleFor(a => a.Text).NotEmpty().WithErrorCode("text_missing").WithMessage("Say something.");
}

internal sealed class AskHandler(Script script, LedgerDbContext db, CallContext call) : IRequestHandler<Ask, Answer>
{
    public async Task<Answer> Handle(Ask request, CancellationToken cancellationToken)
    {
        await script.PlayAsync(Script.Asked, request.Text, cancellationToken);
        var caller = call.Caller;
        return new(request.Text, caller.User, caller.Account, caller.Roles, Activity.Current?.TraceId.ToString(), db.ContextId.InstanceId, script.Node);
    }
}

internal sealed class AskAuthorHandler : IRequestHandler<AskAuthor, string>
{
    public Task<string> Handle(AskAuthor request, CancellationToken cancellationToken) => Task.FromResult(request.Text);
}

internal sealed class RecordHandler(Script script, LedgerDbContext db, TimeProvider clock) : IRequestHandler<Record, Recorded>
{
    public async Task<Recorded> Handle(Record request, CancellationToken cancellationToken)
    {
        await script.PlayAsync(Script.Recording, request.Text, cancellationToken);
        var entry = new Entry { Id = Guid.CreateVersion7(clock.GetUtcNow()), Text = request.Text, At = clock.GetUtcNow() };
        db.Entries.Add(entry);
        db.Raise(new EntryRecorded(request.Text));
        await db.SaveChangesAsync(cancellationToken);
        return new(entry.Id);
    }
}

internal sealed class StrikeHandler : IRequestHandler<Strike, Recorded>
{
    public Task<Recorded> Handle(Strike request, CancellationToken cancellationToken) => Task.FromResult(new Recorded(Guid.Empty));
}

internal sealed class NoteHandler(Script script, LedgerDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Note, Unit>
{
    public async Task<Unit> Handle(Note request, CancellationToken cancellationToken)
    {
        await script.PlayAsync(Script.Noting, request.Text, cancellationToken);
        db.Entries.Add(new Entry { Id = Guid.CreateVersion7(clock.GetUtcNow()), Text = $"{request.Text} by {call.Caller.User}", At = clock.GetUtcNow() });
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }
}

internal sealed class HearOwnEntries(Script script, LedgerDbContext db, TimeProvider clock) : INotificationHandler<EntryRecorded>
{
    public async Task Handle(EntryRecorded notification, CancellationToken cancellationToken)
    {
        await script.PlayAsync(Script.LedgerHears, notification.Text, cancellationToken);
        db.Heard.Add(new Heard { Id = Guid.CreateVersion7(clock.GetUtcNow()), Text = notification.Text });
        await db.SaveChangesAsync(cancellationToken);
    }
}
