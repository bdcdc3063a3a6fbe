using Dox.Validation.Data;

namespace Dox.Validation.RateLimits;

/// <summary>What a sender may do within the window.</summary>
/// <param name="User">Documents of a user.</param>
/// <param name="Account">Documents of an account.</param>
/// <param name="UserBytes">Bytes of a user.</param>
/// <param name="AccountBytes">Bytes of an account.</param>
/// <param name="Window">Slides.</param>
/// <param name="Interval">At a steady rate, so long after one document comes the next.</param>
/// <param name="Burst">So much may come ahead of that rate.</param>
internal sealed record Limits(int User, int Account, long UserBytes, long AccountBytes, TimeSpan Window, TimeSpan Interval, TimeSpan Burst)
{
    /// <summary>Stands for no limit of an account: its users alone are counted, and so no more is added up than one of them may send.</summary>
    public const int NoneOfAccount = int.MaxValue;

    public bool CountsAccount => Account != NoneOfAccount;
}

/// <summary>A document that somebody wants to send, or only wants to know whether it could be sent.</summary>
/// <param name="Quota">Which log.</param>
/// <param name="Document">Its id; the same one counts once.</param>
/// <param name="User">Within its account.</param>
/// <param name="Account">Whose.</param>
/// <param name="Bytes">Its length; 0 where it isn't known yet.</param>
/// <param name="Limits">Those that hold.</param>
internal sealed record LimitQuestion(Quota Quota, Guid Document, string User, string Account, long Bytes, Limits Limits);

/// <summary>What the log says, the asked document included where it was counted.</summary>
/// <param name="Counted">Whether the document is in the log: counted now, or before.</param>
/// <param name="UserCount">Documents of the user within the window.</param>
/// <param name="AccountCount">Documents of the account; 0 where none are counted.</param>
/// <param name="UserBytes">Bytes of the user.</param>
/// <param name="AccountBytes">Bytes of the account.</param>
/// <param name="Waits">Limits that stand in the way, with the time until they don't.</param>
/// <param name="Reset">Until the oldest document leaves the window, and makes room for one; zero where there is none.</param>
internal sealed record Usage(
    bool Counted, int UserCount, int AccountCount, long UserBytes, long AccountBytes, IReadOnlyList<(string Scope, TimeSpan Wait)> Waits, TimeSpan Reset);

/// <summary>
/// A sliding log for the window, of user and account, of documents and bytes, and GCRA for the user's burst: all of them let a document in, or
/// none counts it. On Redis, and in the module's database.
/// </summary>
internal interface ILimitLog
{
    /// <summary>Says how the sender stands; counts the document where <paramref name="count"/> is set and nothing stands in the way.</summary>
    Task<Usage> AskAsync(LimitQuestion question, bool count, CancellationToken cancellationToken);
}

/// <summary>Names of limits, as answers and metrics have them.</summary>
internal static class LimitScopes
{
    public const string User = "user";
    public const string Account = "account";
    public const string Burst = "burst";
    public const string UserBytes = "user_bytes";
    public const string AccountBytes = "account_bytes";

    /// <summary>Those of which so much is used up.</summary>
    public static IReadOnlyList<string> Counted { get; } = [User, Account, UserBytes, AccountBytes];

    public static IReadOnlyList<string> All { get; } = [User, Account, Burst, UserBytes, AccountBytes];
}
