namespace Dox.SharedKernel.Messages;

/// <summary>
/// The name a message has on the wire: <c>module.verb-noun.vN</c>. Renaming the class is free, renaming this is not.
/// An additive change keeps the version; any other gets the next one, beside the old.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class MessageNameAttribute(string name) : Attribute
{
    /// <summary>The wire name, for example <c>validation.validate-file.v1</c>.</summary>
    public string Name { get; } = name;
}
