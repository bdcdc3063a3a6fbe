using System.Collections;

namespace Dox.Host.Configuration;

/// <summary>
/// The configuration in its layers, later ones winning: <c>appsettings.json</c>, what follows from the data folder, variables
/// (<c>Dox__Section__Key</c>), flat variables, arguments (<c>--Dox:Section:Key=value</c>), and what the caller sets.
/// </summary>
internal sealed class DoxConfiguration
{
    public const string ProductionName = "Production";
    public const string DevelopmentName = "Development";

    private readonly List<string> _problems = [];

    public DoxConfiguration(
        string[] arguments, IReadOnlyDictionary<string, string?> settings, IReadOnlyDictionary<string, string?>? environment = null)
    {
        environment ??= ProcessEnvironment();
        var file = Path.Combine(AppContext.BaseDirectory, "appsettings.json");
        var named = settings.Where(s => FlatVariables.All.Any(v => v.Name == s.Key || (v.Secret && v.FileName == s.Key))).ToDictionary(StringComparer.Ordinal);
        IConfigurationBuilder Above(IConfigurationBuilder builder) => builder
            .AddInMemoryCollection(environment.Select(v => KeyValuePair.Create(v.Key.Replace("__", ":", StringComparison.Ordinal), v.Value)))
            .Add(new FlatVariableSource(environment, _problems))
            .AddCommandLine(arguments)
            .Add(new FlatVariableSource(named, _problems))
            .AddInMemoryCollection(settings);

        var data = Above(new ConfigurationBuilder().AddJsonFile(file, optional: false, reloadOnChange: false)).Build()["Dox:DataPath"];
        _problems.Clear();
        Root = Above(new ConfigurationBuilder()
            .AddJsonFile(file, optional: false, reloadOnChange: false)
            .AddInMemoryCollection(DataPaths(string.IsNullOrWhiteSpace(data) ? "data" : data))).Build();
        SplitModules();
    }

    public IConfigurationRoot Root { get; }

    /// <summary>What is wrong with the flat variables.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public string EnvironmentName =>
        string.Equals(Root["Dox:Environment"], DevelopmentName, StringComparison.OrdinalIgnoreCase) ? DevelopmentName : ProductionName;

    // One variable is easier to set than one for each module: Dox__Modules=Validation,TemplateMatching
    private void SplitModules()
    {
        if (Root["Dox:Modules"] is not { Length: > 0 } list) return;
        var names = list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        for (var i = 0; i < names.Length; i++) Root[$"Dox:Modules:{i}"] = names[i];
    }

    private static Dictionary<string, string?> DataPaths(string data) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["Dox:DataPath"] = data,
        ["Dox:Database:Path"] = data,
        ["Dox:Content:Path"] = Path.Combine(data, "content"),
        ["Dox:Validation:Quarantine:Path"] = Path.Combine(data, "quarantine"),
        ["Dox:MemoryBanks:Path"] = Path.Combine(data, "memory-banks"),
    };

    public static Dictionary<string, string?> ProcessEnvironment() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .ToDictionary(e => (string)e.Key, e => (string?)e.Value, StringComparer.Ordinal);
}
