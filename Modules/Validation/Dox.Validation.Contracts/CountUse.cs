using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.Validation.Contracts;

/// <summary>What a user may do so often a day, beside sending documents.</summary>
public enum LimitedUse
{
    /// <summary>Recognising a document anew.</summary>
    Recognitions,

    /// <summary>Starting a run by hand.</summary>
    WorkflowStarts,
}

/// <summary>Counts that the caller does something of which there is a quota, if that isn't used up.</summary>
/// <param name="Use">What.</param>
/// <param name="Id">This one time: counted once, however often it is told.</param>
[MessageName("validation.count-use.v1"), Requires(Role.Submitter, Role.Operator)]
public sealed record CountUse(LimitedUse Use, Guid Id) : ICommand<RateLimitInfo>;
