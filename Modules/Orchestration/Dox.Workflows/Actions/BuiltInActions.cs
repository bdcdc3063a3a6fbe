using System.Collections.Frozen;

namespace Dox.Workflows.Actions;

/// <summary>
/// An action of the language itself. To an open one a host may add a handler of the same name, which takes the cases that the library can't do alone.
/// </summary>
internal sealed record BuiltInAction(
    string Name, string Description, IReadOnlyList<VocabularyParameter> Parameters, Func<StepSource, StepOperation?> Compile, bool Open = false);

/// <summary>The language's own actions: one file each, one line here.</summary>
internal static class BuiltInActions
{
    private static readonly FrozenDictionary<string, BuiltInAction> All = new[]
    {
        DataTransform.Definition,
        ValidateData.Definition,
        CustomLogic.Definition,
        WaitStep.Definition,
        RetryLogic.Definition,
        RunWorkflow.Definition,
        ManualIntervention.Definition,
        Parallel.Definition,
        ForEach.Definition,
    }.ToFrozenDictionary(action => action.Name, StringComparer.Ordinal);

    public static IEnumerable<string> Names => All.Keys;

    public static IEnumerable<BuiltInAction> Definitions => All.Values;

    public static BuiltInAction? Find(string name) => All.GetValueOrDefault(name);

    public static bool IsClosed(string name) => All.TryGetValue(name, out var action) && !action.Open;
}
