using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Dox.TemplateMatching.Extraction;
using Dox.Testing.Hosts;

namespace Dox.TemplateMatching.Tests.Hostile;

/// <summary>Templates that an author sends to do harm, or by mistake.</summary>
public sealed class HostileTemplateTests
{
    private const string Anchors = "match:\n  anchors: [{ text: one }, { text: two }, { text: three }]\n";

    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await DoxHostFixture.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task A_template_of_ten_thousand_anchors_is_refused_and_not_kept()
    {
        var (status, answer) = await PublishAsync("id: crowd\nmatch:\n  anchors:\n" + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"    - {{ text: a{i} }}\n")));

        using var kept = await _host.Client.GetAsync("/api/v1/templates/crowd");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.ToJsonString());
            Assert.That(Codes(answer), Has.Member("too_many_anchors"));
            Assert.That(kept.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        }
    }

    [Test]
    public async Task An_expression_that_explodes_is_told_where_it_is_used_and_the_other_fields_are_read()
    {
        var (status, answer) = await PublishAsync($$"""
            id: exploding
            {{Anchors}}
            fields:
              bad: { where: layout, regex: '^(\w+\s?)*(?=!)' }
              good: { where: layout, regex: 'No +(\d+)' }
            """);
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), answer.ToJsonString());

        var read = await ExtractAsync("exploding", HandmadePdf.Of($"BT /F1 12 Tf 1 0 0 1 40 700 Tm ({new string('a', 40)}) Tj 1 0 0 1 40 600 Tm (No 7) Tj ET"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(read["problems"]!.AsArray().Select(p => (string?)p), Has.Exactly(1).Contains("took longer than").And.Exactly(1).Items);
            Assert.That((string?)read["fields"]!["good"]!["value"], Is.EqualTo("7"));
            Assert.That(read["fields"]!["bad"], Is.Null);
        }
    }

    [Test]
    public async Task A_check_that_grows_without_end_is_refused_by_its_depth()
    {
        var (status, answer) = await PublishAsync(
            $"id: deep\n{Anchors}fields:\n  net: {{ near: one, where: right, type: number, check: '{new string('(', 5_000)}net{new string(')', 5_000)} == 1' }}\n");

        Assert.That(status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.ToJsonString());
    }

    [Test]
    public void A_sum_that_outgrows_all_numbers_says_nothing()
    {
        var product = string.Join(" * ", Enumerable.Repeat("net", 40));

        Assert.That(CheckExpression.Parse($"{product} == 1").Holds(new Dictionary<string, decimal>(StringComparer.Ordinal) { ["net"] = 999_999m }), Is.Null);
    }

    private static IEnumerable<string?> Codes(JsonNode answer) => answer["errors"]!.AsArray().Select(e => (string?)e!["code"] ?? (string?)e["status"]);

    private async Task<(HttpStatusCode Status, JsonNode Answer)> PublishAsync(string yaml)
    {
        using var content = new StringContent(yaml, Encoding.UTF8, "application/yaml");
        using var answer = await _host.Client.PostAsync("/api/v1/templates", content);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonNode>())!);
    }

    private async Task<JsonNode> ExtractAsync(string template, byte[] pdf)
    {
        using var file = new ByteArrayContent(pdf) { Headers = { ContentType = new MediaTypeHeaderValue("application/pdf") } };
        using var form = new MultipartFormDataContent { { file, "file", "page.pdf" } };
        using var answer = await _host.Client.PostAsync($"/api/v1/templates/{template}/extract", form);
        var body = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), body.ToJsonString());
        return body;
    }
}
