using System.Security.Cryptography;
using System.Text;
using Dox.SharedKernel.Errors;
using Dox.TemplateMatching.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Templates;

/// <summary>
/// The templates in force: those of the folders and those of the database. One of a folder is read-only; what it learned from reviews is a version
/// in the database, which counts for as long as the file stays what it was.
/// </summary>
internal sealed class TemplateCatalog(
    IOptions<TemplateMatchingOptions> options, IServiceScopeFactory scopes, TimeProvider clock, ILogger<TemplateCatalog> log) : IHostedService, IDisposable
{
    private readonly TemplateFolders _folders = new(options.Value.Folders);
    private readonly StoredTemplates _stored = new();
    private readonly SemaphoreSlim _loading = new(1);
    private IReadOnlyList<ParsedTemplate> _fromFolders = [];
    private IReadOnlyDictionary<string, TemplateDefinition> _inFolders = new Dictionary<string, TemplateDefinition>(StringComparer.Ordinal);
    private volatile bool _isStale;
    private IReadOnlyList<TemplateProblem> _told = [];
    private volatile TemplateSet _current = TemplateSet.Empty;

    public TemplateSet Current => _current;

    /// <exception cref="DoxException">404.</exception>
    public TemplateDefinition Get(string id) => Current.Find(id) ?? throw DoxException.NotFound("template", id);

    /// <summary>Something was stored by this process: whoever matches next sees it.</summary>
    public void LookNow() => _isStale = true;

    /// <summary>The templates in force, with all that this process stored.</summary>
    public async ValueTask<TemplateSet> FreshAsync(CancellationToken cancellationToken)
    {
        if (_isStale) await ReloadAsync(cancellationToken);
        return Current;
    }

    /// <summary>Whether a folder defines it: then it is changed there.</summary>
    public bool IsInFolder(string id) => FindInFolder(id) is not null;

    /// <summary>As a folder defines it, without what it learned since.</summary>
    public TemplateDefinition? FindInFolder(string id) => Volatile.Read(ref _inFolders).GetValueOrDefault(id);

    /// <summary>Identifies a definition's text.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Reads what changed in the folders and the database, and what time has put in or out of force; false where nothing did.</summary>
    public async Task<bool> ReloadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            _isStale = false;
            var now = clock.GetUtcNow();
            var files = await _folders.ReadChangedAsync(cancellationToken);
            await using (var scope = scopes.CreateAsyncScope())
            {
                await _stored.ReadChangedAsync(scope.ServiceProvider.GetRequiredService<TemplateMatchingDbContext>(), now, cancellationToken);
            }

            _fromFolders = files ?? _fromFolders;
            var loaded = Put(_fromFolders, _stored.At(now));
            if (files is null && loaded.Templates.SequenceEqual(_current.Templates, ReferenceEqualityComparer.Instance) && loaded.Problems.SequenceEqual(_told)) return false;
            foreach (var problem in loaded.Problems.Except(_told)) log.LogWarning("Template left out: {Problem}", problem);
            _told = loaded.Problems;
            _current = new TemplateSet(loaded.Templates, loaded.Problems);
            log.LogInformation("{Count} templates are in force", loaded.Templates.Count);
            return true;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Before the host answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        TemplateMatchingTelemetry.ExportZeros();
        await ReloadAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _loading.Dispose();

    private (List<TemplateDefinition> Templates, List<TemplateProblem> Problems) Put(
        IReadOnlyList<ParsedTemplate> files, IEnumerable<(TemplateVersion Version, ParsedTemplate Parsed)> stored)
    {
        var templates = new SortedDictionary<string, TemplateDefinition>(StringComparer.Ordinal);
        var problems = new List<TemplateProblem>();
        foreach (var (template, faults) in files)
        {
            problems.AddRange(faults);
            if (template is not null && !templates.TryAdd(template.Id, template))
            {
                problems.Add(new(
                    template.Source, 1, 1, "duplicate_id", $"'{template.Id}' is defined in {templates[template.Id].Source} already; this file is left out."));
            }
        }

        Volatile.Write(ref _inFolders, new Dictionary<string, TemplateDefinition>(templates, StringComparer.Ordinal));
        foreach (var (version, parsed) in stored)
        {
            problems.AddRange(parsed.Problems);
            var id = version.TemplateId;
            if (version.Base is { } ground)
            {
                if (parsed.Template is { } taught && templates.TryGetValue(id, out var file) && HashOf(file.Text) == ground) templates[id] = taught;
            }
            else if (templates.TryGetValue(id, out var file))
            {
                problems.Add(new(file.Source, 1, 1, "duplicate_id", $"'{id}' is in the database too, and this file counts. Withdraw one of them."));
            }
            else if (parsed.Template is { } own)
            {
                templates[id] = own;
            }
        }

        return ([.. templates.Values], problems);
    }
}
