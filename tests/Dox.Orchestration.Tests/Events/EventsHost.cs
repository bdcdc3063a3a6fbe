using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Rules;
using Dox.Orchestration.Tests.Engine;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.Testing.Hosts;
using Dox.Workflows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Orchestration.Tests.Events;

/// <summary>The real host as subscribers see it, with rules of the tests and one more action, <c>effect</c>.</summary>
internal sealed class EventsHost : IAsyncDisposable
{
    private readonly DirectoryInfo _rules = Directory.CreateTempSubdirectory("dox-rules-");

    public Effects Effects { get; } = new();

    public DoxHostFixture Host { get; private set; } = null!;

    /// <summary>What it was configured with.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; private set; } = null!;

    public static Task<EventsHost> StartAsync(DatabaseProvider database, params string[] rules) => StartAsync(database, null, null, null, rules);

    public static Task<EventsHost> StartAsync(DatabaseProvider database, IReadOnlyDictionary<string, string?>? settings, FakeTimeProvider? clock, params string[] rules) =>
        StartAsync(database, settings, clock, null, rules);

    /// <param name="database">Where it keeps its state.</param>
    /// <param name="settings">Configuration, over that of the fixture.</param>
    /// <param name="clock">The host's; null: the real one.</param>
    /// <param name="services">Has the last word on services.</param>
    /// <param name="rules">Whole rules; a line without <c>trigger</c> gets a manual one.</param>
    public static async Task<EventsHost> StartAsync(
        DatabaseProvider database, IReadOnlyDictionary<string, string?>? settings, FakeTimeProvider? clock, Action<IServiceCollection>? services, params string[] rules)
    {
        var host = new EventsHost();
        foreach (var rule in rules) host.Write(rule);
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Dox:Rules:Path:0"] = host._rules.FullName,
            ["Dox:Engine:PollInterval"] = "00:00:00.05",
            ["Dox:Engine:LongestPause"] = "00:00:00.2",
            ["Dox:Engine:DrainTimeout"] = "00:00:20",
            ["Dox:Events:PollInterval"] = "00:00:00.02",
            // Banks tell of themselves too: not in the middle of a test that counts events
            ["Dox:MemoryBanks:WriteInterval"] = "00:05:00",
            ["Dox:Events:Heartbeat"] = "00:00:01",
        };
        foreach (var (key, value) in settings ?? new Dictionary<string, string?>(StringComparer.Ordinal)) all[key] = value;
        host.Settings = all;
        host.Host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Transport = TransportKind.InProcess,
            Clock = clock,
            Settings = all,
            Services = collection =>
            {
                collection.AddSingleton(provider => RuleVocabulary.Of(provider).Add(new ActionDefinition("effect", "", [new VocabularyParameter("fail")], host.Effects.HandleAsync)));
                services?.Invoke(collection);
            },
        });
        return host;
    }

    public async Task<(HttpStatusCode Status, JsonNode? Json)> SendAsync(HttpMethod method, string path, object? body = null, string? token = null)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/{path}");
        if (body is not null) request.Content = JsonContent.Create(body);
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        using var response = await Host.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public async Task<Id<Workflow>> StartRunAsync(string rule, JsonObject? context = null, string? token = null)
    {
        var (status, json) = await SendAsync(HttpMethod.Post, "workflows", new { rule_name = rule, context = context ?? [] }, token);
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), json?.ToJsonString());
        return Id<Workflow>.Parse((string)json!["workflow_id"]!, null);
    }

    /// <summary>Asks until the answer is as wanted; fails after a while with what it is instead.</summary>
    public async Task<JsonNode> WhenAsync(string path, Func<JsonNode, bool> wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var (status, json) = await SendAsync(HttpMethod.Get, path);
            if (status == HttpStatusCode.OK && wanted(json!)) return json!;
            if (limit.IsCancellationRequested) throw new TimeoutException($"{path}: {status} {json?.ToJsonString()}{Environment.NewLine}{Host.Logs.Troubles}");
            await look.WaitForNextTickAsync();
        }
    }

    public Task<EventReader> FollowAsync(string path, string? lastEventId = null, string? token = null) => EventReader.OpenAsync(Host.Client, path, lastEventId, token);

    public async ValueTask DisposeAsync()
    {
        Effects.OpenAll();
        await Host.DisposeAsync();
        _rules.Delete(recursive: true);
    }

    private void Write(string rule)
    {
        var name = rule.Split('\n')[0].Split(':')[1].Trim();
        var head = "service: Tests\nversion: \"1.0.0\"\n" + (rule.Contains("\ntrigger:", StringComparison.Ordinal) ? "" : "trigger: { type: manual, source: a test }\n");
        File.WriteAllText(Path.Combine(_rules.FullName, $"{name}.yaml"), rule.Trim() + "\n" + head);
    }
}
