using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Dox.Host.Demo.Samples;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;

namespace Dox.TemplateMatching.Tests.Teaching;

/// <summary>What an author does with the whole library, over HTTP: test it, and take templates over.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class LibraryTests(DatabaseProvider database)
{
    private const string Foreign = """
        issuer: Harbour Example
        keywords: [Harbour Example, Invoice]
        fields:
          amount: Total:\s+(\d+\.\d\d)
          invoice_number: Invoice no\s+(\w+)
          date: Date:\s+(\S+)
        """;

    private DirectoryInfo _folder = null!;
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _folder = Directory.CreateTempSubdirectory("dox-templates-");
        _host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:TemplateMatching:TemplatesPath"] = _folder.FullName },
        });
        await LearnAsync("tested.invoice", [.. Enumerable.Range(1, 3).Select(i => SampleLibrary.Invoice(i, TimeProvider.System))]);
        await LearnAsync("tested.claim", [.. Enumerable.Range(1, 3).Select(i => SampleLibrary.Claim(i, TimeProvider.System))]);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Library_is_tested_by_samples_that_it_has_not_seen_and_a_definition_before_it_is_in_force()
    {
        var definition = (string)(await AskAsync(HttpMethod.Get, "templates/tested.claim"))["definition"]!;
        var field = (string)(await AskAsync(HttpMethod.Get, "templates/tested.claim"))["fields"]!.AsObject().First().Key;
        var forbidding = definition.Replace("match:", "match:\n  forbid: Policyholder", StringComparison.Ordinal);

        var asItIs = await AskAsync(HttpMethod.Post, "templates/test");
        var same = await AskAsync(HttpMethod.Post, "templates/test", Yaml(definition));
        var worse = await AskAsync(HttpMethod.Post, "templates/test", Yaml(forbidding));
        var after = (string)(await AskAsync(HttpMethod.Get, "templates/tested.claim"))["definition"]!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(((int)asItIs["tested"]!, (int)asItIs["right"]!, (int)asItIs["false_accepts"]!, (int)asItIs["left_out"]!), Is.EqualTo((6, 6, 0, 0)), asItIs.ToJsonString());
            Assert.That(
                asItIs["confusion"]!.AsArray().Select(c => ((string?)c!["is"], (string?)c["taken_for"], (int)c["count"]!)),
                Is.EquivalentTo(new[] { ("tested.claim", "tested.claim", 3), ("tested.invoice", "tested.invoice", 3) }));
            var read = asItIs["fields"]!.AsArray().Single(f => (string?)f!["template_id"] == "tested.claim" && (string?)f["field"] == field)!;
            Assert.That(((int)read["documents"]!, (int)read["read"]!), Is.EqualTo((3, 3)));
            Assert.That((same["flips"]!.AsArray().Count, (int)same["regressions"]!), Is.EqualTo((0, 0)), "the definition that is in force changes nothing");
            Assert.That(((int)worse["right"]!, (int)worse["regressions"]!), Is.EqualTo((3, 3)), worse.ToJsonString());
            Assert.That(worse["flips"]!.AsArray().Select(f => (string?)f!["before"]!["taken_for"]), Is.All.EqualTo("tested.claim"));
            Assert.That(after, Is.EqualTo(definition), "a test changes nothing");
        }
    }

    [Test]
    public async Task Only_sample_of_a_template_is_unknown_without_it()
    {
        await LearnAsync("alone.letter", SampleLibrary.EarlierInvoice(1, TimeProvider.System));
        var tested = await AskAsync(HttpMethod.Post, "templates/test", Yaml((string)(await AskAsync(HttpMethod.Get, "templates/alone.letter"))["definition"]!));
        using var gone = await _host.Client.DeleteAsync("/api/v1/templates/alone.letter");

        Assert.That(tested["confusion"]!.AsArray().Select(c => (string?)c!["is"]), Does.Not.Contain("alone.letter"), "learned from it alone, it would know it by heart");
        Assert.That((int)tested["tested"]!, Is.EqualTo(7));
    }

    [Test]
    public async Task Foreign_templates_become_stored_ones_once_and_what_is_wrong_with_a_file_is_told_with_its_line()
    {
        var files = new[] { ("xx/xx.harbour.yml", Foreign), ("xx/broken.yml", "issuer: A\nkeywords: [Harbour]\nfields:\n  amount: [unclosed\n"), ("xx/none.yml", "issuer: B\n") };

        var dry = await ImportAsync(true, files);
        var missing = await CodeAsync(HttpMethod.Get, "templates/xx.harbour");
        var first = await ImportAsync(false, files);
        var second = await ImportAsync(false, files);
        var changed = await ImportAsync(false, ("xx/xx.harbour.yml", Foreign + "\n  vat: VAT\\s+(\\d+)\n"));
        var versions = (await AskAsync(HttpMethod.Get, "templates/xx.harbour/versions"))["versions"]!.AsArray().Select(v => (string?)v!["origin"]);
        await AskAsync(HttpMethod.Put, "templates/xx.harbour", Yaml(((string)(await AskAsync(HttpMethod.Get, "templates/xx.harbour"))["definition"]!).Replace("name: Harbour Example", "name: Harbour", StringComparison.Ordinal)));
        var byHand = await ImportAsync(false, ("xx/xx.harbour.yml", Foreign));
        using var withdrawn = await _host.Client.DeleteAsync("/api/v1/templates/xx.harbour");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((Counts(dry), missing), Is.EqualTo(((1, 0, 0, 2), "template_not_found")), dry.ToJsonString());
            Assert.That(Counts(first), Is.EqualTo((1, 0, 0, 2)), first.ToJsonString());
            Assert.That(Counts(second), Is.EqualTo((0, 0, 1, 2)));
            Assert.That(Counts(changed), Is.EqualTo((0, 1, 0, 0)));
            Assert.That(versions, Is.EqualTo(new[] { "imported", "imported" }));
            Assert.That(Counts(byHand), Is.EqualTo((0, 0, 0, 1)), "what a person wrote isn't undone");
            var problems = first["templates"]!.AsArray().ToDictionary(t => (string)t!["path"]!, t => t!["problems"]!.AsArray(), StringComparer.Ordinal);
            Assert.That(((string?)problems["xx/broken.yml"][0]!["source"], (int)problems["xx/broken.yml"][0]!["line"]! > 1), Is.EqualTo(("xx/broken.yml", true)), first.ToJsonString());
            Assert.That((string?)problems["xx/none.yml"][0]!["code"], Is.EqualTo("missing_key"));
        }
    }

    [Test]
    public async Task All_templates_of_the_corpora_are_taken_over_once()
    {
        var corpora = Environment.GetEnvironmentVariable("DOX_CORPORA") ?? "";
        if (corpora.Length == 0) Assert.Ignore("DOX_CORPORA names no folder with templates.");
        var root = Path.Combine(corpora, "invoice-templates");
        var files = Directory.EnumerateFiles(root, "*.*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => (Path.GetRelativePath(root, f), File.ReadAllText(f))).ToArray();

        var first = await ImportAsync(false, files);
        var second = await ImportAsync(false, files);
        foreach (var item in first["templates"]!.AsArray()) (await _host.Client.DeleteAsync($"/api/v1/templates/{(string)item!["id"]!}")).Dispose();

        Assert.That(Counts(first), Is.EqualTo((215, 0, 0, 0)), first.ToJsonString());
        Assert.That(Counts(second), Is.EqualTo((0, 0, 215, 0)));
    }

    [Test]
    public async Task Audit_tells_of_all_modules_page_by_page_with_one_cursor()
    {
        using var withdrawn = await _host.Client.DeleteAsync("/api/v1/templates/tested.none");
        var (all, cursor) = (new List<(string Module, long Sequence)>(), "");
        for (var pages = 0; pages < 1_000; pages++)
        {
            var page = await AskAsync(HttpMethod.Get, $"audit?limit=1{cursor}");
            all.AddRange(page["entries"]!.AsArray().Select(e => ((string)e!["module"]!, (long)e["sequence"]!)));
            if ((string?)page["next_cursor"] is not { } next) break;
            cursor = $"&cursor={next}";
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(all, Is.Unique);
            var templates = all.Where(e => e.Module == "TemplateMatching").Select(e => e.Sequence).ToList();
            Assert.That(templates, Is.Not.Empty.And.Ordered.Descending);
            Assert.That(templates[^1], Is.EqualTo(1), "to the first");
            Assert.That(await CodeAsync(HttpMethod.Get, "audit?cursor=Tm9uZQ"), Is.EqualTo("invalid_cursor"));
        }
    }

    private static (int Added, int Updated, int Unchanged, int Refused) Counts(JsonNode answer) =>
        ((int)answer["added"]!, (int)answer["updated"]!, (int)answer["unchanged"]!, (int)answer["refused"]!);

    private async Task<JsonNode> ImportAsync(bool dryRun, params (string Path, string Source)[] files) => await AskAsync(
        HttpMethod.Post, "templates/import", JsonContent.Create(new { dry_run = dryRun, templates = files.Select(f => new { path = f.Path, source = f.Source }) }));

    private static StringContent Yaml(string text) => new(text, Encoding.UTF8, "application/yaml");

    private async Task LearnAsync(string id, params Sample[] samples)
    {
        using var form = new MultipartFormDataContent();
        foreach (var sample in samples)
        {
            var file = new ByteArrayContent(sample.Content);
            file.Headers.ContentType = new MediaTypeHeaderValue(sample.MediaType);
            form.Add(file, "file", sample.FileName);
        }

        form.Add(new StringContent(id), "template_id");
        using var answer = await _host.Client.PostAsync("/api/v1/templates/learn", form);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created), await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonNode> AskAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/{path}") { Content = content };
        using var answer = await _host.Client.SendAsync(request);
        var body = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.That(answer.IsSuccessStatusCode, Is.True, body.ToJsonString());
        return body;
    }

    private async Task<string?> CodeAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/{path}");
        using var answer = await _host.Client.SendAsync(request);
        return (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["error"];
    }
}
