using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.Testing.Hosts;
using Dox.Testing.Servers;
using StackExchange.Redis;

namespace Dox.Orchestration.Tests.Events;

/// <summary>What a module couldn't read of its stream is among the dead letters: shown, put back for a version that can, or dismissed.</summary>
public sealed class UnreadEntryTests
{
    private readonly string _prefix = RedisServer.NewPrefix();
    private ConnectionMultiplexer _redis = null!;
    private DoxHostFixture _host = null!;

    private IDatabase Redis => _redis.GetDatabase();

    [OneTimeSetUp]
    public async Task Start()
    {
        var server = await RedisServer.SharedAsync();
        _redis = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { { server.Host, server.Port } }, Password = server.Password });
        _host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = DatabaseProvider.PostgreSql,
            Transport = TransportKind.Redis,
            Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
            {
                ["REDIS_HOST"] = server.Host,
                ["REDIS_PORT"] = server.Port.ToString(CultureInfo.InvariantCulture),
                ["REDIS_PASSWORD"] = server.Password,
                ["Dox:Redis:Prefix"] = _prefix,
            },
        });
    }

    [SetUp]
    public Task Empty() => Redis.KeyDeleteAsync([Dead("validation"), Dead("templatematching")]);

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _host.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Test]
    public async Task Entries_of_all_modules_are_listed_the_latest_first_and_in_pages()
    {
        await SpoilAsync("validation", "one");
        await LettersAsync(1);
        await SpoilAsync("templatematching", "two");
        var letters = await LettersAsync(2);
        Assert.Multiple(() =>
        {
            Assert.That(letters.Select(l => (string?)l["name"]), Is.EqualTo(new[] { "two", "one" }));
            Assert.That(letters.Select(l => (string?)l["target"]), Is.EqualTo(new[] { "TemplateMatching", "Validation" }));
            Assert.That(letters.Select(l => (string?)l["kind"]), Is.All.EqualTo("entry"));
            Assert.That(letters.Select(l => (string?)l["last_error"]), Is.All.Contains("is no envelope"));
            Assert.That(letters.Select(l => (string?)l["dead_letter_id"]), Is.All.Match("^ent_[0-9a-f]{32}$"));
        });

        var first = await GetAsync("dead-letters?kind=entry&limit=1");
        var second = await GetAsync($"dead-letters?kind=entry&limit=1&cursor={first["next_cursor"]}");
        Assert.That(new[] { first, second }.Select(p => (string?)p["dead_letters"]![0]!["name"]), Is.EqualTo(new[] { "two", "one" }));
        Assert.That(second["next_cursor"], Is.Null);
        Assert.That((int)(await GetAsync("dead-letters?kind=entry&module=validation"))["count"]!, Is.EqualTo(1));
    }

    [Test]
    public async Task Redriven_entry_is_read_again_and_put_aside_again_by_who_still_can_t()
    {
        await SpoilAsync("validation", "one");
        var before = (string)(await LettersAsync(1))[0]["dead_letter_id"]!;
        using var answer = await _host.Client.PostAsync(new Uri($"/api/v1/dead-letters/{before}/redrive", UriKind.Relative), null);

        Assert.That((answer.StatusCode, (int)(await answer.JsonAsync())["redriven"]!), Is.EqualTo((HttpStatusCode.OK, 1)));
        var after = (await LettersAsync(1))[0];
        while ((string)after["dead_letter_id"]! == before) after = (await LettersAsync(1))[0];
        Assert.That((string?)after["name"], Is.EqualTo("one"));
        Assert.That((int)(await GetAsync($"audit?action=dead_letter.redrive&subject={before}"))["count"]!, Is.EqualTo(1));
    }

    [Test]
    public async Task Dismissed_entry_is_gone_and_the_audit_says_why()
    {
        await SpoilAsync("templatematching", "one");
        var id = (string)(await LettersAsync(1))[0]["dead_letter_id"]!;
        using var answer = await _host.Client.PostAsync(new Uri($"/api/v1/dead-letters/{id}/dismiss", UriKind.Relative), Json("""{"reason":"it was a test"}"""));
        using var again = await _host.Client.PostAsync(new Uri($"/api/v1/dead-letters/{id}/dismiss", UriKind.Relative), Json("""{"reason":"it was a test"}"""));

        Assert.That((answer.StatusCode, again.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.NotFound)));
        Assert.That(await Redis.StreamLengthAsync(Dead("templatematching")), Is.Zero);
        Assert.That((string?)(await GetAsync($"audit?action=dead_letter.dismiss&subject={id}"))["entries"]![0]!["reason"], Is.EqualTo("it was a test"));
    }

    private RedisKey Dead(string module) => $"{_prefix}:dead:{module}";

    private Task<RedisValue> SpoilAsync(string module, string name) => Redis.StreamAddAsync($"{_prefix}:cmd:{module}", [new("name", name), new("body", new byte[] { 0, 255, 1 })]);

    private async Task<JsonNode> GetAsync(string path) => await _host.Client.GetJsonAsync($"/api/v1/{path}");

    private async Task<IReadOnlyList<JsonNode>> LettersAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var letters = (await GetAsync("dead-letters?kind=entry"))["dead_letters"]!.AsArray();
            if (letters.Count == count) return [.. letters.Select(l => l!)];
            if (limit.IsCancellationRequested) throw new TimeoutException($"{letters.Count} entries instead of {count}.{Environment.NewLine}{_host.Logs.Troubles}");
            await look.WaitForNextTickAsync();
        }
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");
}
