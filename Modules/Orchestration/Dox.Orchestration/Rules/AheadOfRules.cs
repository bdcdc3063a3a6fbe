using Dox.Workflows;
using Dox.Workflows.Rules;

namespace Dox.Orchestration.Rules;

/// <summary>
/// The first rule costs a quarter of a second of compiling what reads it. One of no use is read on another processor while the host is put
/// together, so that it costs the start nothing.
/// </summary>
internal static class AheadOfRules
{
    private const string Rule = """
        name: ahead
        service: None
        version: "1.0.0"
        description: Read and forgotten.
        trigger: { type: manual, source: nobody }
        configuration: { limit: 0.5 }
        steps:
          - name: One
            action: custom_logic
            params: { logic: "${ input.value > configuration.limit && steps['Two'] ? `${run.id}` : 'no' }" }
            when: input.list.filter(x => x.y > 1).length > 0
            branches: [{ when: "input.a == 1", to: Two }, { to: Two }]
          - { name: Two, action: data_transform, params: { mappings: { a: "${ input.a }", b: "{c}" } } }
        """;

    private static readonly Lazy<Task> Reading = new(() => Task.Run(() => new RuleParser(new Vocabulary()).Parse(Rule, "ahead")));

    /// <summary>Once in a process; that it fails would be told where rules are read in earnest.</summary>
    public static void Begin() => _ = Reading.Value;
}
