using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Testing;
using Dox.Testing.Hosts;
using Dox.Validation.Tests.Hosting;

namespace Dox.Validation.Tests.Attacks;

/// <summary>Every attack over HTTP, with a real clamd.</summary>
internal sealed class AttackTests
{
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _host = await ValidationHost.StartAsync(new DoxHostSetup { Clamd = true }.With(("Dox:Validation:RateLimit:ValidationsPerUserPerDay", "10000")));
        using var warm = await SendAsync(TestFiles.Pdf(), "letter.pdf");
        Assert.That(warm.IsSuccessStatusCode, Is.True);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    private static IEnumerable<TestCaseData<Attack>> Attacks() =>
        AttackSet.Groups.SelectMany(g => g.Attacks.Select(a => new TestCaseData<Attack>(a) { TestName = $"{g.Title}: {a.What}" }));

    [TestCaseSource(nameof(Attacks))]
    public async Task It_gets_what_the_table_says(Attack attack)
    {
        var file = attack.Make();
        var started = Stopwatch.GetTimestamp();
        using var response = await SendAsync(file, attack.Name);
        var took = Stopwatch.GetElapsedTime(started);
        var answer = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        var result = answer["validation_result"]!;
        var codes = result["errors"]!.AsArray().Concat(result["warnings"]!.AsArray()).Select(f => (string)f!["code"]!).ToList();
        TestContext.Out.WriteLine($"{file.Length} bytes answered after {took.TotalMilliseconds:0} ms: {string.Join(", ", codes)}");

        Assert.That(((int)response.StatusCode, (string?)result["final_status"]), Is.EqualTo((attack.Http, ValidationTelemetry.Name(attack.Status))), answer.ToString());
        Assert.That(codes, Is.SupersetOf(attack.Codes), answer.ToString());
        Assert.That((string)result["original_filename"]!, Does.Not.Contain("/").And.Not.Contain("\\").And.Not.Contain("\u202e"));
        if (attack.Http != 200) Assert.That(result["errors"]!.AsArray().Select(f => (string?)f!["message"]), Has.All.Not.Empty.And.All.Not.Contain("Exception"));
    }

    [Test]
    public async Task Control_characters_in_a_name_are_refused_before_anything_else([Values("a\0.pdf", "a\r\n.pdf", "a\u001b.pdf")] string name)
    {
        using var response = await SendAsync(TestFiles.Pdf(), name);
        Assert.That(((int)response.StatusCode, (string?)(await response.Content.ReadFromJsonAsync<JsonNode>())!["code"]), Is.EqualTo((400, "bad_file_name")));
    }

    [Test]
    public void The_table_in_the_docs_is_the_one_that_is_tested()
    {
        var file = Path.Combine(Repository.Root, "docs", "reference", "attack-set.md");
        if (Environment.GetEnvironmentVariable("DOX_WRITE_DOCS") == "1") File.WriteAllText(file, AttackSet.Markdown());
        Assert.That(
            File.Exists(file) ? File.ReadAllText(file) : "", Is.EqualTo(AttackSet.Markdown()),
            "docs/reference/attack-set.md is out of date: run this test with DOX_WRITE_DOCS=1, and look at what changed.");
    }

    private async Task<HttpResponseMessage> SendAsync(byte[] file, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/validate/file") { Content = new ByteArrayContent(file) };
        request.Headers.Add("X-File-Name", Uri.EscapeDataString(name));
        return await _host.Client.SendAsync(request);
    }
}
