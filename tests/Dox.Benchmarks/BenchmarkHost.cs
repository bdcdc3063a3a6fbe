using Dox.Host;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Rules;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dox.Benchmarks;

/// <summary>The real host in this process, all modules, as it is deployed but for its log, which shows what goes wrong.</summary>
internal sealed class BenchmarkHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private BenchmarkHost(WebApplication app, string? connectionString) => (_app, ConnectionString) = (app, connectionString);

    public IServiceProvider Services => _app.Services;

    /// <summary>Where its HTTP is.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>Of its database, where it is on PostgreSQL.</summary>
    public string? ConnectionString { get; }

    /// <param name="state">Where its data lie.</param>
    /// <param name="settings">More configuration keys.</param>
    public static async Task<BenchmarkHost> StartAsync(BenchmarkState state, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(state.Folder, "rules")).FullName;
        foreach (var durability in new[] { "step", "ends" })
            await File.WriteAllTextAsync(Path.Combine(folder, $"{durability}.yaml"), FiveSteps(durability));
        var connectionString = state.IsSqlite ? null : await state.CreateDatabaseAsync();
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["SERVICE_ENV"] = "development",
            ["CLAMAV_ENABLED"] = "false",
            ["DOX_DATA_PATH"] = Path.Combine(state.Folder, "data"),
            ["Dox:Database:ConnectionString"] = connectionString,
            ["Dox:Http:Address"] = "127.0.0.1",
            ["Dox:Http:Port"] = "0",
            ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning",
            ["Dox:Rules:Path:0"] = folder,
            ["Dox:Validation:RateLimit:WorkflowStartsPerUserPerDay"] = "100000000",
            // As many as the benchmarks have runs at once.
            ["Dox:Engine:Workers"] = "64",
        };
        foreach (var (key, value) in settings ?? new Dictionary<string, string?>(StringComparer.Ordinal)) all[key] = value;
        var app = DoxApplication.Build(new DoxSetup
        {
            Settings = all,
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal),
            Configure = builder => builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter(null, LogLevel.Warning),
        });
        await app.StartAsync();
        return new BenchmarkHost(app, connectionString);
    }

    /// <summary>The rule of five steps that is written down so often.</summary>
    public Rule RuleOf(string durability) => Services.GetRequiredService<RuleBook>().Find(RuleName(durability))!;

    /// <summary>Starts a run of the rule as the API does, and returns once it has ended and all of it is on the disk.</summary>
    public async Task RunAsync(Rule rule, string account = "bench")
    {
        var clock = TimeProvider.System;
        var run = HeldRun.New(rule, Id<Workflow>.New(clock), new Caller("bench", account, [Role.Submitter], []), document: null, [], traceParent: null, clock.GetUtcNow(), "Document");
        var ended = run.WhenAtRest();
        await Services.GetRequiredService<RunStarts>().TryStartAsync(run);
        await ended;
        if (!run.State.HasEnded) throw new InvalidOperationException($"A run of {rule} came to rest at '{run.State.Cursor}'.");
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    // In-process steps that do nothing, so that what is measured is the engine.
    private static string FiveSteps(string durability) => $$"""
        name: {{RuleName(durability)}}
        service: Benchmarks
        version: "1.0.0"
        description: Five steps that do nothing.
        durability: {{durability}}
        trigger: { type: manual, source: a benchmark }
        steps:
          - { name: One, action: data_transform, params: { mappings: { one: 1 } } }
          - { name: Two, action: data_transform, params: { mappings: { two: 2 } } }
          - { name: Three, action: data_transform, params: { mappings: { three: 3 } } }
          - { name: Four, action: data_transform, params: { mappings: { four: 4 } } }
          - { name: Five, action: data_transform, params: { mappings: { five: 5 } } }
        """;

    private static string RuleName(string durability) => $"five_steps_{durability}";
}
