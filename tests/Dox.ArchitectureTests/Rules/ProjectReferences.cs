using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Dox.ArchitectureTests.Rules;

/// <summary>Who may reference whom. An edge is added here by a decision that is written down in docs/adr, never by the way.</summary>
internal static partial class ProjectReferences
{
    private static readonly string[] s_modules = ["Orchestration", "Validation", "TemplateMatching", "TeamCoordination"];
    private static readonly string[] s_kernels = ["Dox.SharedKernel", "Dox.SharedKernel.Infrastructure"];
    private static readonly string[] s_contracts = [.. s_modules.Select(m => $"Dox.{m}.Contracts")];

    public static IReadOnlyDictionary<string, string[]> Table { get; } = MakeTable();

    /// <summary>What breaks the table in the solution under <paramref name="root"/>.</summary>
    public static IReadOnlyList<string> Violations(string root, IReadOnlyDictionary<string, string[]> table)
    {
        var listed = InSolution().Matches(File.ReadAllText(Path.Combine(root, "Dox.sln")))
            .Select(m => Path.Combine(root, m.Groups["path"].Value.Replace('\\', Path.DirectorySeparatorChar))).ToList();
        var there = SourceFiles.Under(root, "*.csproj").ToList();
        return
        [
            .. there.Except(listed, StringComparer.Ordinal).Select(p => $"{Path.GetFileName(p)} isn't in Dox.sln."),
            .. listed.SelectMany(p => Violations(Path.GetFileNameWithoutExtension(p), References(p), table)),
        ];
    }

    public static IEnumerable<string> Violations(string project, IEnumerable<string> references, IReadOnlyDictionary<string, string[]> table)
    {
        if (!table.TryGetValue(project, out var allowed))
        {
            yield return $"{project} isn't in the table of who may reference whom.";
            yield break;
        }

        foreach (var reference in references.Except(allowed, StringComparer.Ordinal))
            yield return $"{project} -> {reference} is not allowed; allowed: {(allowed.Length == 0 ? "nothing of ours" : string.Join(", ", allowed))}";
    }

    public static IReadOnlyList<string> References(string projectFile) =>
        [.. XDocument.Load(projectFile).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')))];

    private static Dictionary<string, string[]> MakeTable()
    {
        var table = new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["Dox.SharedKernel"] = [],
            ["Dox.SharedKernel.Infrastructure"] = ["Dox.SharedKernel"],
            ["Dox.Workflows"] = [],
            ["Dox.DocumentReader"] = [],
            ["Dox.Client.Generator"] = [],
            ["Dox.Client"] = ["Dox.Client.Generator"],
            ["Dox.Host"] = [.. s_modules.Select(m => $"Dox.{m}"), "Dox.Workflows", .. s_contracts, .. s_kernels, "Dox.Client"],
            ["Dox.Testing"] = ["Dox.Host", .. s_kernels],
            ["Dox.Workflows.Tests"] = ["Dox.Workflows"],
            ["Dox.Simulation.Tests"] = ["Dox.Orchestration"],
            ["Dox.SharedKernel.Tests"] = [.. s_kernels, "Dox.Testing", "Dox.SharedKernel.Tests.Ledger"],
            ["Dox.SharedKernel.Tests.Ledger"] = s_kernels,
            ["Dox.Host.Tests"] = ["Dox.Host", "Dox.Client", "Dox.Testing"],
            ["Dox.Benchmarks"] = ["Dox.Host", "Dox.Workflows", "Dox.Orchestration", .. s_kernels, "Dox.Testing"],
            ["Dox.ArchitectureTests"] = ["Dox.Host", "Dox.Testing", "Dox.ArchitectureTests.BadModule"],
            ["Dox.ArchitectureTests.BadModule"] = s_kernels,
        };
        foreach (var module in s_modules)
        {
            string[] own = [$"Dox.{module}.Contracts", .. s_kernels];
            table[$"Dox.{module}.Contracts"] = ["Dox.SharedKernel"];
            // The star: Orchestration alone sends the others' commands and hears their events.
            table[$"Dox.{module}"] = module == "Orchestration" ? [.. own.Union(s_contracts, StringComparer.Ordinal), "Dox.Workflows"] : own;
            table[$"Dox.{module}.Tests"] = [$"Dox.{module}", .. table[$"Dox.{module}"], "Dox.Testing"];
        }

        return table;
    }

    [GeneratedRegex("""= "[^"]+", "(?<path>[^"]+\.csproj)",""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InSolution();
}
