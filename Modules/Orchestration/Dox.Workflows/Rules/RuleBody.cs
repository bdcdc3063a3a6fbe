using System.Collections.Frozen;
using Dox.Workflows.Expressions;

namespace Dox.Workflows.Rules;

/// <summary>Steps that lead to each other by name: a rule's own, those of a branch, or those that are done for each item.</summary>
public sealed class RuleBody
{
    private readonly FrozenDictionary<string, int> _index;

    internal RuleBody(string name, IReadOnlyList<RuleStep> steps, Template? output = null)
    {
        Name = name;
        Steps = steps;
        Output = output;
        _index = steps.DistinctBy(step => step.Name, StringComparer.Ordinal).ToFrozenDictionary(step => step.Name, step => step.Index, StringComparer.Ordinal);
    }

    /// <summary>The branch's name; empty for a rule's own steps, and for those of a <c>for_each</c>.</summary>
    public string Name { get; }

    /// <summary>The steps, in the order of the file.</summary>
    public IReadOnlyList<RuleStep> Steps { get; }

    /// <summary>What it returns; null: everything that its steps produced.</summary>
    internal Template? Output { get; }

    /// <summary>The step of that name, or null.</summary>
    public RuleStep? Find(string name) => _index.TryGetValue(name, out var index) ? Steps[index] : null;
}
