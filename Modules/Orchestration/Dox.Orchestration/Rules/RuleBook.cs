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
/// The rules: those in the folders, newest version by name, and every text that a run is pinned to, by its hash. Loaded before anything runs.
/// </summary>
internal sealed class RuleBook(
    RuleParser parser, IOptions<RuleOptions> options, IServiceScopeFactory scopes, TimeProvider clock, ILogger<RuleBook> log) : IHostedService
{
    private readonly ConcurrentDictionary<string, Rule> _pinned = new(StringComparer.Ordinal);
    private volatile RuleSet _rules = new([]);

    /// <summary>All files that were read, with what is wrong in them.</summary>
    public RuleSet Loaded => _rules;

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

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        string[] folders = [Path.Combine(AppContext.BaseDirectory, "workflows"), .. options.Value.Path];
        var loaded = RuleSet.Load(parser, folders.Where(Directory.Exists));
        foreach (var file in loaded.Files)
        {
            foreach (var diagnostic in file.Diagnostics)
                log.Log(diagnostic.Severity == DiagnosticSeverity.Error ? LogLevel.Error : LogLevel.Warning, "{File}: {Diagnostic}", file.FileName, diagnostic);
        }

        await KeepAsync(loaded, cancellationToken);
        _rules = loaded;
        log.LogInformation("{Count} rules: {Rules}", loaded.Rules.Count(), string.Join(", ", loaded.Rules));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task KeepAsync(RuleSet loaded, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        var hashes = loaded.Rules.Select(r => r.Hash).ToList();
        var known = await db.RuleVersions.Where(v => hashes.Contains(v.Hash)).Select(v => v.Hash).ToListAsync(cancellationToken);
        foreach (var rule in loaded.Rules.Where(r => !known.Contains(r.Hash)))
        {
            db.RuleVersions.Add(new RuleVersion { Hash = rule.Hash, Name = rule.Name, Version = rule.Version, Source = rule.Source, Loaded = clock.GetUtcNow() });
            try
            {
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateException) when (db.RuleVersions.AsNoTracking().Any(v => v.Hash == rule.Hash))
            {
                // Another replica starts too, and was first.
                db.ChangeTracker.Clear();
            }
        }
    }
}
