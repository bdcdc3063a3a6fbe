using Dox.SharedKernel.Errors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Templates;

/// <summary>The templates of one moment with their index.</summary>
internal sealed class TemplateSet
{
    public static TemplateSet Empty { get; } = new([], []);

    private readonly Dictionary<string, TemplateDefinition> _byId;

    public TemplateSet(IReadOnlyList<TemplateDefinition> templates, IReadOnlyList<TemplateProblem> problems)
    {
        Templates = [.. templates.OrderBy(t => t.Id, StringComparer.Ordinal)];
        Problems = problems;
        _byId = Templates.ToDictionary(t => t.Id, StringComparer.Ordinal);
        Index = new AnchorIndex(Templates);
    }

    public IReadOnlyList<TemplateDefinition> Templates { get; }

    /// <summary>What was left out, and why.</summary>
    public IReadOnlyList<TemplateProblem> Problems { get; }

    public AnchorIndex Index { get; }

    public TemplateDefinition? Find(string id) => _byId.GetValueOrDefault(id);
}

/// <summary>The templates in force.</summary>
internal sealed class TemplateCatalog(IOptions<TemplateMatchingOptions> options, ILogger<TemplateCatalog> log)
{
    private volatile TemplateSet _current = TemplateSet.Empty;

    public TemplateSet Current => _current;

    /// <exception cref="DoxException">404.</exception>
    public TemplateDefinition Get(string id) => Current.Find(id) ?? throw DoxException.NotFound("template", id);

    /// <summary>Reads the folders anew. A bad file is reported and left out; the others stand.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var templates = new Dictionary<string, TemplateDefinition>(StringComparer.Ordinal);
        var problems = new List<TemplateProblem>();
        foreach (var folder in options.Value.TemplatesPath.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var path = Path.GetFullPath(folder, AppContext.BaseDirectory);
            if (!Directory.Exists(path))
            {
                problems.Add(new(folder, 0, 0, "no_folder", $"There is no folder '{folder}' (Dox:TemplateMatching:TemplatesPath)."));
                continue;
            }

            foreach (var file in Directory.EnumerateFiles(path, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                Add(await ReadAsync(file, Path.GetRelativePath(path, file), cancellationToken), templates, problems);
        }

        foreach (var problem in problems) log.LogWarning("Template left out: {Problem}", problem);
        _current = new TemplateSet([.. templates.Values], problems);
        log.LogInformation("{Count} templates are in force", templates.Count);
    }

    private static async Task<ParsedTemplate> ReadAsync(string file, string name, CancellationToken cancellationToken)
    {
        try
        {
            return new FileInfo(file).Length > 4 * YamlTree.MaxLength
                ? new(null, [new(name, 1, 1, "too_large", "The file is too large for a definition.")])
                : TemplateParser.Parse(await File.ReadAllTextAsync(file, cancellationToken), name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(null, [new(name, 0, 0, "unreadable", e.Message)]);
        }
    }

    private static void Add(ParsedTemplate parsed, Dictionary<string, TemplateDefinition> templates, List<TemplateProblem> problems)
    {
        problems.AddRange(parsed.Problems);
        if (parsed.Template is { } template && !templates.TryAdd(template.Id, template))
        {
            problems.Add(new(
                template.Source, 1, 1, "duplicate_id", $"'{template.Id}' is defined in {templates[template.Id].Source} already; this file is left out."));
        }
    }
}

/// <summary>Loads the templates before the host answers.</summary>
internal sealed class TemplateLoader(TemplateCatalog catalog) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        TemplateMatchingTelemetry.ExportZeros();
        return catalog.LoadAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
