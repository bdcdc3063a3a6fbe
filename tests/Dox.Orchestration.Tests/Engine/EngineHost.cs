using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Dox.Workflows;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Orchestration.Tests.Engine;

/// <summary>The real host with rules of the tests and one more action, <c>effect</c>, which the test watches and can hold up.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    private const string Rules = """
        straight:
          - { name: A, action: effect }
          - { name: B, action: effect }
          - { name: C, action: effect }
        two_at_once: |limits: { runs: 2 }
          - { name: A, action: effect }
          - { name: B, action: effect }
        flaky:
          - { name: A, action: effect, params: { fail: 2 }, on_failure: retry }
          - { name: B, action: effect }
        long_wait:
          - { name: A, action: effect }
          - { name: Rest, action: wait, params: { seconds: 3600 } }
          - { name: B, action: effect }
        short_wait:
          - { name: Rest, action: wait, params: { seconds: 0.05 } }
          - { name: B, action: effect }
        ask:
          - { name: A, action: effect }
          - { name: Review, action: manual_intervention, params: { team: Document, subject: Well? } }
          - { name: B, action: effect }
        lanes:
          - name: Fan
            action: parallel
            params:
              branches:
                ask: [{ name: Review, action: manual_intervention, params: { team: Document, subject: Well? } }]
                work: [{ name: A, action: effect }, { name: B, action: effect }]
          - { name: Last, action: effect }
        child:
          - { name: Work, action: effect }
          - { name: Result, action: data_transform, params: { mappings: { answer: child_done } } }
        failing_child:
          - { name: Work, action: effect, params: { fail: 9 } }
        parent:
          - { name: Child, action: run_workflow, params: { rule: child }, output: made }
        parents:
          - { name: Each, action: for_each, params: { items: "${ [1, 2, 3] }", concurrency: 3, steps: [{ name: Child, action: run_workflow, params: { rule: child, input: { n: "{item}" } } }] }, output: made }
        parent_of_failure:
          - { name: Child, action: run_workflow, params: { rule: failing_child } }
        careless:
          - { name: Start, action: run_workflow, params: { rule: child, wait: false } }
        undo:
          - { name: A, action: effect, compensate: { action: effect } }
          - { name: B, action: effect, compensate: { action: effect } }
          - { name: C, action: effect, params: { fail: 9 }, on_failure: rollback }
        wordy:
          - { name: A, action: effect, params: { fail: 9 }, on_failure: escalate, error_message: "${ 'x'.repeat(9000) }" }
        """;

    private readonly DirectoryInfo _rules = Directory.CreateTempSubdirectory("dox-rules-");
    private readonly bool _ownsRules;

    private EngineHost(DirectoryInfo? rules)
    {
        _ownsRules = rules is null;
        if (rules is not null)
        {
            _rules.Delete();
            _rules = rules;
        }
    }

    public DoxHostFixture Host { get; private set; } = null!;

    public required Effects Effects { get; init; }

    public static async Task<EngineHost> StartAsync(
        DatabaseProvider database, Effects? effects = null, FakeTimeProvider? clock = null, EngineHost? sharesWith = null, Action<IServiceCollection>? services = null)
    {
        var host = new EngineHost(sharesWith?._rules) { Effects = effects ?? new Effects() };
        if (sharesWith is null) host.WriteRules();
        host.Host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Clock = clock,
            SharesWith = sharesWith?.Host,
            Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
            {
                ["Dox:Rules:Path:0"] = host._rules.FullName,
                ["Dox:Engine:PollInterval"] = "00:00:00.05",
                ["Dox:Engine:BackOff"] = "00:00:00.02",
                ["Dox:Engine:LongestPause"] = "00:00:00.2",
                ["Dox:Engine:DrainTimeout"] = "00:00:20",
            },
            Services = collection =>
            {
                collection.AddSingleton(provider => RuleVocabulary.Of(provider).Add(new ActionDefinition("effect", "", [new VocabularyParameter("fail")], host.Effects.HandleAsync)));
                services?.Invoke(collection);
            },
        });
        return host;
    }

    /// <summary>Writes a run down and, unless it is to be left lying as by a process that died, gives it to the engine.</summary>
    public async Task<Id<Workflow>> StartRunAsync(string rule, bool take = true, int recoveries = 0)
    {
        var services = Host.Services;
        var clock = services.GetRequiredService<TimeProvider>();
        var caller = new Caller("anna", "acc", [Role.Submitter], []);
        var run = HeldRun.New(
            services.GetRequiredService<RuleBook>().Find(rule)!, Id<Workflow>.New(clock), caller, document: null, [], traceParent: null, clock.GetUtcNow(), "Document");
        run.Recoveries = recoveries;
        Assert.That((await services.GetRequiredService<RunCheckpoints>().StartAsync(run)).IsWritten);
        if (take) services.GetRequiredService<RunEngine>().Take(run);
        return run.Id;
    }

    public Task<RunRow> RunAsync(Id<Workflow> id) =>
        Host.InDb<OrchestrationDbContext, RunRow>(async db => (await db.FindRunAsync(id, CancellationToken.None))!);

    public async Task<OpenRun> OpenRunAsync(Id<Workflow> id) => (OpenRun)await RunAsync(id);

    public Task<List<JournalEntry>> JournalAsync(Id<Workflow> id) => Host.InDb<OrchestrationDbContext, List<JournalEntry>>(db =>
        db.Journal.AsNoTracking().Where(e => e.WorkflowId == id).OrderBy(e => e.Sequence).ToListAsync());

    /// <summary>The run once it is as the test wants it; fails after a while with how it is instead.</summary>
    public async Task<RunRow> WhenAsync(Id<Workflow> id, Func<RunRow, bool> wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(15));
        var row = await RunAsync(id);
        while (!wanted(row))
        {
            if (limit.IsCancellationRequested) throw new TimeoutException($"The run is {row.Status} at {row.CurrentStep}.{Environment.NewLine}{Host.Logs.Troubles}");
            await look.WaitForNextTickAsync();
            row = await RunAsync(id);
        }

        return row;
    }

    public static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!holds()) await look.WaitForNextTickAsync(limit.Token);
    }

    public Task<RunRow> WhenEndedAsync(Id<Workflow> id) => WhenAsync(id, row => row is EndedRun);

    public async Task<IReadOnlyList<string>> PathAsync(Id<Workflow> id) =>
        [.. (await JournalAsync(id)).Select(e => $"{e.Step}/{e.Visit}:{e.Attempt}:{e.Status}")];

    public async ValueTask DisposeAsync()
    {
        Effects.OpenAll();
        await Host.DisposeAsync();
        if (_ownsRules) _rules.Delete(recursive: true);
    }

    /// <summary>Puts another text into a rule's file, as its next version.</summary>
    public Task ReplaceRuleAsync(string name, string steps) => File.WriteAllTextAsync(
        Path.Combine(_rules.FullName, $"{name}.yaml"), RuleText(name, "1.1.0", steps));

    private static string RuleText(string name, string version, string steps) =>
        $"name: {name}\nservice: Tests\nversion: \"{version}\"\ntrigger: {{ type: manual, source: a test }}\nsteps:\n{steps}\n";

    private void WriteRules()
    {
        foreach (var rule in Rules.Split("\n", StringSplitOptions.RemoveEmptyEntries).Aggregate(new List<List<string>>(), (rules, line) =>
        {
            if (!line.StartsWith(' ')) rules.Add([]);
            rules[^1].Add(line);
            return rules;
        }))
        {
            var head = rule[0].TrimEnd().Split('|');
            var name = head[0].TrimEnd().TrimEnd(':');
            var steps = string.Join("\n", rule.Skip(1));
            File.WriteAllText(Path.Combine(_rules.FullName, $"{name}.yaml"), RuleText(name, "1.0.0", head.Length > 1 ? $"{steps}\n{head[1]}" : steps));
        }
    }
}
