using System.Collections.Concurrent;
using System.Reflection;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using MediatR;

namespace Dox.SharedKernel.Infrastructure.Dispatch.Behaviors;

/// <summary>Refuses a request whose caller lacks the role that it requires, and one that says nothing of who may send it.</summary>
internal sealed class AuthorizationBehavior<TRequest, TResponse>(CallContext call) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    private static readonly ConcurrentDictionary<Type, AccessRule?> s_rules = new();

    // MediatR 5 hands the token before the next delegate; every newer example has it the other way round.
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var rule = s_rules.GetOrAdd(request.GetType(), RuleOf)
            ?? throw new InvalidOperationException($"{request.GetType()} says nothing of who may send it: [Requires(...)] or [OpenToAll].");
        if (rule.AnyOf is { } anyOf && !call.Caller.Holds([.. anyOf]))
            throw DoxException.Forbidden($"This needs one of the roles {string.Join(", ", anyOf.Select(r => r.ToString().ToLowerInvariant()))}.");
        return next();
    }

    private static AccessRule? RuleOf(Type type) =>
        type.GetCustomAttribute<RequiresAttribute>() is { } requires ? new(requires.AnyOf)
        : type.IsDefined(typeof(OpenToAllAttribute), inherit: false) ? new((IReadOnlyList<Role>?)null)
        : null;
}
