using System.Runtime.InteropServices;
using Dox.SharedKernel.Ids;

namespace Dox.Orchestration.Engine.Storage;

/// <summary>Which runs a node asks for. High priority first; within a priority the accounts take turns, each beginning with its oldest.</summary>
/// <param name="Owner">The node that wants them.</param>
/// <param name="Most">How many at most.</param>
internal abstract record RunClaim(string Owner, int Most)
{
    /// <summary>Runs that nobody holds and whose time has come, but for those of the rules that limit their runs.</summary>
    internal sealed record Due(string Owner, int Most, DateTimeOffset Now, IReadOnlyCollection<string> LimitedRules) : RunClaim(Owner, Most);

    /// <summary>Due runs of a rule of which no more than <paramref name="AtOnce"/> may be held, by all nodes together. What doesn't fit stays due.</summary>
    internal sealed record Limited(string Owner, int Most, DateTimeOffset Now, string Rule, int AtOnce) : RunClaim(Owner, Most);

    /// <summary>Runs that dead nodes had. Each is counted as a recovery.</summary>
    internal sealed record Abandoned(string Owner, int Most, IReadOnlyList<string> Dead) : RunClaim(Owner, Most);

    /// <summary>
    /// Runs that the row gives to this node, and this node doesn't have: a claim or a release whose outcome it never learnt. Not those written
    /// since <paramref name="Before"/>, which may be on their way into its hands.
    /// </summary>
    internal sealed record Lost(string Owner, int Most, IReadOnlyCollection<Id<Workflow>> Held, DateTimeOffset Before) : RunClaim(Owner, Most);
}

/// <summary>A lease that is given back.</summary>
/// <param name="Run">The run.</param>
/// <param name="Token">The lease's.</param>
/// <param name="WakeAt">When somebody may take it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RunRelease(Id<Workflow> Run, long Token, DateTimeOffset WakeAt);
