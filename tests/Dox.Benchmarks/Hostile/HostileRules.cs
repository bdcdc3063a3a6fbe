using System.Text.Json;

namespace Dox.Benchmarks.Hostile;

/// <summary>Rules by somebody who wants to stop the process that reads them.</summary>
internal static class HostileRules
{
    private const string Head = "name: hostile\nservice: Tests\nversion: \"1.0.0\"\ntrigger: { type: manual, source: a test }\n";

    public static readonly IReadOnlyList<(string Name, string Rule)> All =
    [
        ("billion laughs", BillionLaughs()),
        ("duplicate key", "name: a\nname: b\n"),
        ("10 MB in one value", "name: " + new string('x', 10_000_000)),
        ("10 MB of steps", Head + "steps:\n" + string.Concat(Enumerable.Range(0, 200_000).Select(i => $"  - {{ name: S{i}, action: custom_logic, params: {{ logic: 1 }} }}\n"))),
        ("lists 500,000 deep", new string('[', 500_000)),
        ("blocks 300,000 deep", string.Concat(Enumerable.Repeat("- ", 300_000))),
        ("anchor in itself", "a: &x [*x]"),
        ("9,000 open brackets", Running(new string('(', 9000))),
        ("endless expression", Running("(() => { while (true) {} })()")),
        ("endless recursion", Running("(f => f(f))(f => f(f))")),
        ("exploding regular expression", Running("/^(a+)+$/.test('a'.repeat(40) + '!')")),
        ("text that doubles", Running("(() => { let s = 'x'; for (let i = 0; i < 60; i++) s += s; return s.length })()")),
        ("text of a thousand million", Running("'x'.repeat(1e9)")),
        ("list that never ends", Running("(() => { const a = []; while (true) a.push(a) })()")),
        ("list of a thousand million", Running("Array(1e9).fill(0).map(x => x * 2)")),
        ("sorting all the time", Running("(() => { const a = Array.from({ length: 9999 }, (_, i) => 9999 - i); while (true) a.sort() })()")),
    ];

    /// <summary>A rule that evaluates the expression.</summary>
    public static string Running(string expression) => $"{Head}steps:\n  - {{ name: First, action: custom_logic, params: {{ logic: {JsonSerializer.Serialize(expression)} }} }}\n";

    private static string BillionLaughs() => "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n"));
}
