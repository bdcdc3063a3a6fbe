namespace Dox.SharedKernel.Messages;

/// <summary>
/// Makes a contract message callable from a rule as <c>custom_logic: name(arguments)</c>. The arguments are bound to the
/// message's properties by name (snake_case), from the call first and the run's context second.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RuleFunctionAttribute(string name) : Attribute
{
    /// <summary>The function's name in rules, for example <c>check_file_size</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The result follows from the arguments alone: simulations and back-tests compute it anew.</summary>
    public bool IsPure { get; init; }
}

/// <summary>
/// Makes a contract message callable from a rule as an <c>api_call</c> to its module's service. The step's parameters are
/// bound to the message's properties by name (snake_case), from the call first and the run's context second.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false, AllowMultiple = true)]
public sealed class RuleEndpointAttribute(string method, string path) : Attribute
{
    /// <summary>The HTTP method that rules name, in capitals.</summary>
    public string Method { get; } = method;

    /// <summary>The path that rules name, for example <c>/api/validate/file</c>.</summary>
    public string Path { get; } = path;
}
