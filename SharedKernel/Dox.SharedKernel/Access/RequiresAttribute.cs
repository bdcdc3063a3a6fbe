namespace Dox.SharedKernel.Access;

/// <summary>
/// Who may send this request: a caller with one of the roles. Checked where the request is handled, so neither a page nor
/// another process can go round it. A request without <see cref="RequiresAttribute"/> or <see cref="OpenToAllAttribute"/> is refused.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RequiresAttribute(params Role[] anyOf) : Attribute
{
    /// <summary>The roles of which one is enough.</summary>
    public IReadOnlyList<Role> AnyOf { get; } = anyOf;
}

/// <summary>Anybody whom the host let in may send this request, whatever the role.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class OpenToAllAttribute : Attribute;
