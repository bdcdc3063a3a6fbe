using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules;
using Dox.Orchestration.Tests.Engine;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Dox.Workflows;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Workflows;

/// <summary>The real host as its clients see it: over HTTP, with rules of the tests and two more actions that a test can hold up: <c>effect</c>, and <c>obey</c>, which gives up when it is told to.</summary>
internal sealed class OperatorHost : IAsyncDisposable
{
    private readonly DirectoryInfo _rules = Directory.CreateTempSubdirectory("dox-rules-");

    public Effects Effects { get; } = new();

    public DoxHostFixture Host { get; private set; } = null!;

    /// <param name="database">Where it keeps its state.</param>
    /// <param name="rules">By name: what follows <c>trigger</c> in the rule's file.</param>
    public static async Task<OperatorHost> StartAsync(DatabaseProvider database, params (string Name, string Text)[] rules)
    {
        var host = new OperatorHost();
        foreach (var (name, text) in rules) host.Write(name, "1.0.0", text);
        host.Host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
            {
                ["Dox:Rules:Path:0"] = host._rules.FullName,
                ["Dox:Engine:PollInterval"] = "00:00:00.05",
                ["Dox:Engine:BackOff"] = "00:00:00.02",
                ["Dox:Engine:LongestPause"] = "00:00:00.2",
                ["Dox:Engine:DrainTimeout"] = "00:00:20",
            },
            Services = collection => collection.AddSingleton(provider => RuleVocabulary.Of(provider).Add(new ActionDefinition("effect", "", [new VocabularyParameter("fail")], host.Effects.HandleAsync))
                .Add(new ActionDefinition("obey", "", [], host.Effects.ObeyAsync))),
        });
        return host;
    }

    public void Write(string name, string version, string text) => File.WriteAllText(
        Path.Combine(_rules.FullName, $"{name}.yaml"), $"name: {name}\nservice: Tests\nversion: \"{version}\"\ntrigger: {{ type: manual, source: a test }}\n{text}\n");

    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/{path}");
        if (body is not null) request.Content = JsonContent.Create(body);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var response = await Host.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new(response.StatusCode, text, response.Headers.Location?.ToString());
    }

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> PostAsync(string path, object? body = null, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Post, path, body, headers);

    public async Task<Id<Workflow>> StartRunAsync(string rule, JsonObject? context = null)
    {
        var answer = await PostAsync("workflows", new { rule_name = rule, context = context ?? [] });
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        return Id<Workflow>.Parse((string)answer.Json["workflow_id"]!, null);
    }

    /// <summary>The run once it is in the state; fails after a while with how it is instead.</summary>
    public async Task<JsonNode> WhenAsync(Id<Workflow> id, params string[] states)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(15));
        while (true)
        {
            var run = (await GetAsync($"workflows/{id}")).Json;
            if (states.Contains((string)run["status"]!, StringComparer.Ordinal)) return run;
            if (limit.IsCancellationRequested) throw new TimeoutException($"The run is {run["status"]} at {run["current_step"]}.{Environment.NewLine}{Host.Logs.Troubles}");
            await look.WaitForNextTickAsync();
        }
    }

    public Task<List<JournalEntry>> JournalAsync(Id<Workflow> id) => Host.InDb<OrchestrationDbContext, List<JournalEntry>>(db =>
        db.Journal.AsNoTracking().Where(e => e.WorkflowId == id).OrderBy(e => e.Sequence).ToListAsync());

    public async ValueTask DisposeAsync()
    {
        Effects.OpenAll();
        await Host.DisposeAsync();
        _rules.Delete(recursive: true);
    }
}

internal sealed record Answer(HttpStatusCode Status, string Text, string? Location)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string? Code => (string?)Json["code"];
}
