using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Rules;

/// <summary>The real host with a folder of rules that the test changes.</summary>
internal sealed class RuleHost : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly bool _ownsFolder;

    private RuleHost(DirectoryInfo folder, bool ownsFolder, DoxHostFixture host) => (_folder, _ownsFolder, Host) = (folder, ownsFolder, host);

    public DoxHostFixture Host { get; }

    public RuleBook Book => Host.Services.GetRequiredService<RuleBook>();

    /// <param name="database">Which.</param>
    /// <param name="reloads">Whether changes are looked for in the background; else when the test says so.</param>
    /// <param name="sharesWith">Another replica, with the same database and the same folder.</param>
    public static async Task<RuleHost> StartAsync(DatabaseProvider database, bool reloads = false, RuleHost? sharesWith = null, params (string File, string Text)[] rules)
    {
        var folder = sharesWith?._folder ?? Directory.CreateTempSubdirectory("dox-rules-");
        foreach (var (file, text) in rules) await File.WriteAllTextAsync(Path.Combine(folder.FullName, file), text);
        var host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            SharesWith = sharesWith?.Host,
            Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
            {
                ["Dox:Rules:Path:0"] = folder.FullName,
                ["Dox:Rules:ReloadInterval"] = "00:00:00.1",
            },
            Services = services =>
            {
                if (!reloads) services.Remove(services.Single(service => service.ImplementationType == typeof(RuleReload)));
            },
        });
        return new RuleHost(folder, sharesWith is null, host);
    }

    public static string Text(string version = "1.0.0", string logic = "1", string name = "small", string more = "") =>
        $"name: {name}\nservice: Tests\nversion: \"{version}\"\ntrigger: {{ type: manual, source: a test }}\n{more}steps:\n  - {{ name: Add, action: custom_logic, params: {{ logic: \"{logic}\" }}, output: sum }}\n";

    public void Write(string file, string text) => File.WriteAllText(Path.Combine(_folder.FullName, file), text);

    public void Delete(string file) => File.Delete(Path.Combine(_folder.FullName, file));

    public Task<JsonElement> GetAsync(string path) => Host.Client.GetFromJsonAsync<JsonElement>(new Uri($"/api/v1/{path}", UriKind.Relative));

    /// <summary>Of the whole host; other parts may be degraded too.</summary>
    public Task<JsonElement> GetHealthAsync() => Host.Client.GetFromJsonAsync<JsonElement>(new Uri("/health", UriKind.Relative));

    public async Task<(int Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string body, string type = "application/yaml")
    {
        using var request = new HttpRequestMessage(method, new Uri($"/api/v1/{path}", UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, type) };
        using var answer = await Host.Client.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        if (_ownsFolder) _folder.Delete(recursive: true);
    }
}
