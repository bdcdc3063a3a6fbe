using System.Collections.Concurrent;
using Dox.Orchestration.Data;
using Dox.Workflows.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Rules;

/// <summary>
/// The rules: those in the folders and those that were published over HTTP, the newest version by name, and every text that a run is pinned to,
/// by its hash. Loaded before anything runs, and again whenever something changed.
/// </summary>
internal sealed class RuleBook(
    RuleParser parser, IOptions<RuleOptions> options, IServiceScopeFactory scopes, TimeProvider clock, ILogger<RuleBook> log) : IHostedService, IDisposable
{
    private readonly ConcurrentDictionary<string, Rule> _pinned = new(StringComparer.Ordinal);
    private readonly RuleFiles _files = new(parser, FoldersOf(options.Value));
    private readonly SemaphoreSlim _loading = new(1);
    private IReadOnlyList<RuleParseResult> _fromFiles = [];
    private IReadOnlyDictionary<string, RuleParseResult> _published = new Dictionary<string, RuleParseResult>(StringComparer.Ordinal);
    private volatile RuleSet _rules = new([]);

    /// <summary>Called once other rules are loaded.</summary>
    public Action? OnChanged { get; set; }

    /// <summary>All files that were read, with what is wrong in them.</summary>
    public RuleSet Loaded
    {
        get => _rules;
        init => _rules = value;
    }

    /// <summary>Where rules lie; not each needs to be there.</summary>
    public static IReadOnlyList<string> FoldersOf(RuleOptions options) => [Path.Combine(AppContext.BaseDirectory, "workflows"), .. options.Path];

    /// <summary>The newest version of the rule; null where there is none.</summary>
    public Rule? Find(string name) => _rules.Find(name);

    /// <summary>The very text that a run began with.</summary>
    /// <exception cref="InvalidOperationException">It is nowhere, or no longer compiles with this version of DOX.</exception>
    public async Task<Rule> PinnedAsync(string hash, CancellationToken cancellationToken)
    {
        if (_rules.FindByHash(hash) is { } current) return current;
        if (_pinned.TryGetValue(hash, out var pinned)) return pinned;

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        var version = await db.RuleVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Hash == hash, cancellationToken)
            ?? throw new InvalidOperationException($"The rule with the hash {hash} is not stored.");
        var parsed = parser.Parse(version.Source, $"{version.Name} {version.Version}");
        return _pinned[hash] = parsed.Rule
            ?? throw new InvalidOperationException($"{version.Name} {version.Version} no longer compiles: {string.Join("; ", parsed.Errors)}");
    }

    /// <summary>Reads what changed in the folders and among the published rules; false where nothing did.</summary>
    public async Task<bool> ReloadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
            var files = _files.ReadChanged();
            if (files is not null) _fromFiles = files.Any(file => file.Rule is null) ? await _files.RestoreAsync(path => LastGoodAsync(db, path, cancellationToken)) : files;
            var published = await ReadPublishedAsync(db, cancellationToken);
            if (files is null && published is null) return false;
            if (published is not null) _published = published;

            var loaded = Together();
            Tell(loaded);
            await KeepAsync(db, loaded, cancellationToken);
            _rules = loaded;
            OnChanged?.Invoke();
            return true;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Looks at the loaded rules again beside what the host answers itself.</summary>
    public void LookTogether()
    {
        _loading.Wait();
        try
        {
            var loaded = Together();
            Tell(loaded);
            _rules = loaded;
            OnChanged?.Invoke();
        }
        finally
        {
            _loading.Release();
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReloadAsync(cancellationToken);
        log.LogInformation("{Count} rules: {Rules}", _rules.Rules.Count(), string.Join(", ", _rules.Rules));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _loading.Dispose();

    private RuleSet Together() => new([.. _fromFiles, .. _published.Values], parser.Vocabulary.OwnRoutes);

    // A replica that starts while a file is broken has the same rule as those that ran on: the last that was read from a file of that name
    private async Task<Rule?> LastGoodAsync(OrchestrationDbContext db, string path, CancellationToken cancellationToken)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        var last = await db.RuleVersions.AsNoTracking().Where(v => v.Name == name).OrderByDescending(v => v.Loaded).FirstOrDefaultAsync(cancellationToken);
        return last is null ? null : parser.Parse(last.Source, Path.GetFileName(path)).Rule;
    }

    // Only the highest version of each name: the others are found by their hash
    private async Task<IReadOnlyDictionary<string, RuleParseResult>?> ReadPublishedAsync(OrchestrationDbContext db, CancellationToken cancellationToken)
    {
        var all = await db.RuleVersions.AsNoTracking().Where(v => v.Published != null).Select(v => new { v.Hash, v.Name, v.Version }).ToListAsync(cancellationToken);
        var newest = all.GroupBy(v => v.Name, StringComparer.Ordinal).Select(g => g.MaxBy(v => v.Version, RuleSet.VersionOrder)!.Hash).ToHashSet(StringComparer.Ordinal);
        if (newest.SetEquals(_published.Keys)) return null;
        var read = new Dictionary<string, RuleParseResult>(StringComparer.Ordinal);
        foreach (var hash in newest)
        {
            if (!_published.TryGetValue(hash, out var result))
            {
                var version = await db.RuleVersions.AsNoTracking().SingleAsync(v => v.Hash == hash, cancellationToken);
                result = parser.Parse(version.Source, $"{version.Name}.yaml (published)");
            }

            read[hash] = result;
        }

        return read;
    }

    private void Tell(RuleSet loaded)
    {
        var before = _rules.Files.ToDictionary(file => file.FileName + file.Rule?.Hash, file => file.Diagnostics, StringComparer.Ordinal);
        foreach (var file in loaded.Files)
        {
            if (before.TryGetValue(file.FileName + file.Rule?.Hash, out var told) && told.SequenceEqual(file.Diagnostics)) continue;
            foreach (var diagnostic in file.Diagnostics)
                log.Log(diagnostic.Severity == DiagnosticSeverity.Error ? LogLevel.Error : LogLevel.Warning, "{File}: {Diagnostic}", file.FileName, diagnostic);
            if (file is { Rule: { } kept } && file.Errors.Any()) log.LogWarning("{File} can't be loaded as it is now; {Rule} stays", file.FileName, kept);
        }

        var known = _rules.Rules.ToDictionary(rule => rule.Name, StringComparer.Ordinal);
        if (known.Count == 0) return;
        foreach (var rule in loaded.Rules)
            if (known.GetValueOrDefault(rule.Name) is not { } old) log.LogInformation("{Rule} is new", rule);
            else if (old.Hash != rule.Hash) log.LogInformation("{Rule} takes the place of {Old}; runs that have begun go on with what they began with", rule, old);
        foreach (var gone in known.Values.Where(rule => loaded.Find(rule.Name) is null)) log.LogInformation("{Rule} is gone; runs that have begun go on", gone);
    }

    private async Task KeepAsync(OrchestrationDbContext db, RuleSet loaded, CancellationToken cancellationToken)
    {
        var hashes = loaded.Rules.Select(r => r.Hash).ToList();
        var known = await db.RuleVersions.Where(v => hashes.Contains(v.Hash)).Select(v => v.Hash).ToListAsync(cancellationToken);
        foreach (var rule in loaded.Rules.Where(r => !known.Contains(r.Hash)))
        {
            db.RuleVersions.Add(RuleVersion.Of(rule, clock.GetUtcNow()));
            try
            {
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateException) when (db.RuleVersions.AsNoTracking().Any(v => v.Hash == rule.Hash))
            {
                // Another replica read it too, and was first.
                db.ChangeTracker.Clear();
            }
        }
    }
}
