namespace Dox.Simulation.Tests.Storage;

/// <summary>A guard that is taken out, to show that the simulation misses it. docs/guides/how-dox-is-proven.md lists them.</summary>
public enum Mutation
{
    /// <summary>Everything as it is.</summary>
    None,

    /// <summary>A write's owner and token aren't compared with the row's.</summary>
    TokenUnchecked,

    /// <summary>A write's journal length isn't compared with the row's.</summary>
    JournalLengthUnchecked,

    /// <summary>A claim takes runs that a living node holds.</summary>
    LeaseUnchecked,

    /// <summary>A run that changes hands keeps its token.</summary>
    TokenKept,

    /// <summary>The wake-up of a run that begins to wait isn't written.</summary>
    WakeUpLost,

    /// <summary>Messages are written after the transaction, by a process that may be gone by then.</summary>
    OutboxApart,

    /// <summary>The row is written after the transaction that appended to its journal.</summary>
    RowApart,

    /// <summary>A write is answered before it is durable.</summary>
    AnsweredEarly,

    /// <summary>A run that ends stays among the open ones.</summary>
    EndedStaysOpen,

    /// <summary>The consumers of messages don't know one that comes again.</summary>
    InboxForgets,

    /// <summary>Services don't know a key that comes again.</summary>
    ServicesForget,

    /// <summary>Each attempt has a key of its own.</summary>
    KeyPerAttempt,

    /// <summary>A start with a key that is taken makes another run.</summary>
    StartKeyUnchecked,

    /// <summary>Dead nodes are never found out.</summary>
    DeadStayAlive,

    /// <summary>Runs whose claim or release was never answered are not looked for.</summary>
    LostStayLost,

    /// <summary>What operators want of a held run is kept, and its holder isn't told.</summary>
    WishIgnored,

    /// <summary>Children of a cancelled run aren't told.</summary>
    ChildrenForgotten,
}
