using System.Collections.Immutable;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.SharedKernel.Tests.Ledger;

/// <summary>Answered with what the handler sees of the call.</summary>
[MessageName("ledger.ask.v1")]
[OpenToAll]
public sealed record Ask(string Text) : IQuery<Answer>;

public sealed record Answer(string Text, string User, string Account, ImmutableArray<Role> Roles, string? TraceId, Guid Context, string Node);

/// <summary>For authors alone.</summary>
[MessageName("ledger.ask-author.v1")]
[Requires(Role.Author)]
public sealed record AskAuthor(string Text) : IQuery<string>;

/// <summary>Writes an entry, and tells of it.</summary>
[MessageName("ledger.record.v1")]
[OpenToAll]
public sealed record Record(string Text) : ICommand<Recorded>;

public sealed record Recorded(Guid Id);

/// <summary>Another command that is answered.</summary>
[MessageName("ledger.strike.v1")]
[OpenToAll]
public sealed record Strike(string Text) : ICommand<Recorded>;

/// <summary>Writes an entry, and answers nothing. For DOX alone.</summary>
[MessageName("ledger.note.v1")]
[Requires(Role.System)]
public sealed record Note(string Text) : ICommand;

/// <summary>Heard by the desk and by the ledger itself.</summary>
[MessageName("ledger.entry-recorded.v1")]
public sealed record EntryRecorded(string Text) : IIntegrationEvent;
