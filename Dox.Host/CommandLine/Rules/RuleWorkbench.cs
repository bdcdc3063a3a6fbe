using System.Collections;
using Dox.Workflows;
using Dox.Workflows.Rules;
using Dox.Workflows.RuleTests;

namespace Dox.Host.CommandLine.Rules;

/// <summary>
/// The modules' part of the rule language, without a server: the application is put together and never started, so no database and no scanner
/// is needed. Of this machine's variables those of services and rules count.
/// </summary>
internal sealed class RuleWorkbench : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RuleWorkbench(WebApplication app, IReadOnlyList<string> asked)
    {
        _app = app;
        // So that its own routes are known, which no rule can have
        app.UseRouting();
        app.UseEndpoints(_ => { });
        Vocabulary = app.Services.GetRequiredService<Vocabulary>();
        var paths = asked.Count > 0 ? asked : DefaultFolders(app.Configuration);
        Missing = [.. paths.Where(path => !Path.Exists(path))];
        Asked = [.. paths.SelectMany(path => Directory.Exists(path) ? RuleSet.FilesIn(path) : File.Exists(path) && !IsTests(path) ? [path] : []).Distinct(StringComparer.Ordinal)];
        TestFiles = [.. paths.SelectMany(TestsOf).Distinct(StringComparer.Ordinal)];
        // A rule is looked at among its neighbours: it may run them
        var folders = paths.Select(path => Directory.Exists(path) ? path : Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".").Where(Directory.Exists);
        Rules = RuleSet.LoadFiles(new RuleParser(Vocabulary), Asked.Concat(folders.SelectMany(RuleSet.FilesIn)).DistinctBy(Path.GetFullPath, StringComparer.Ordinal), Vocabulary.OwnRoutes);
    }

    public Vocabulary Vocabulary { get; }

    /// <summary>The rules of the paths, and their neighbours.</summary>
    public RuleSet Rules { get; }

    /// <summary>The files with rules that were asked for.</summary>
    public IReadOnlyList<string> Asked { get; }

    /// <summary>The files with tests that were asked for: those of folders, and those beside rules.</summary>
    public IReadOnlyList<string> TestFiles { get; }

    /// <summary>Paths where nothing is.</summary>
    public IReadOnlyList<string> Missing { get; }

    public static RuleWorkbench Open(Func<DoxSetup, WebApplication> build, IReadOnlyList<string> paths) => new(build(Setup()), paths);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static DoxSetup Setup() => new()
    {
        Environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(variable => variable.Key is string name && (name.StartsWith("Dox__Services", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Dox__Rules", StringComparison.OrdinalIgnoreCase)))
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value, StringComparer.Ordinal),
        Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["SERVICE_ENV"] = "development",
            ["REQUIRE_AUTH"] = "false",
            ["Logging:LogLevel:Default"] = "Critical",
        },
    };

    private static List<string> DefaultFolders(IConfiguration configuration) => Directory.Exists("workflows")
        ? ["workflows"]
        : [Path.Combine(AppContext.BaseDirectory, "workflows"), .. configuration.GetSection("Dox:Rules:Path").Get<string[]>() ?? []];

    private static bool IsTests(string path) => path.EndsWith(RuleTestFile.Ending, StringComparison.Ordinal);

    private static IEnumerable<string> TestsOf(string path)
    {
        if (Directory.Exists(path)) return Directory.EnumerateFiles(path, "*" + RuleTestFile.Ending).Order(StringComparer.Ordinal);
        if (!File.Exists(path)) return [];
        var tests = IsTests(path) ? path : Path.ChangeExtension(path, null) + RuleTestFile.Ending;
        return File.Exists(tests) ? [tests] : [];
    }
}
