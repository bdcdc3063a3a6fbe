using System.Net;
using Dox.Orchestration.Contracts;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Tests.Documents;

/// <summary>Documents are found by the words of their name, their metadata and their fields, alike on both databases.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class SearchTests(DatabaseProvider database)
{
    private DoxHostFixture _host = null!;
    private string _first = null!;
    private string _second = null!;

    [OneTimeSetUp]
    public async Task Two_documents()
    {
        _host = await DoxHostFixture.StartAsync(database);
        _first = await SendAsync("one", """{"customer":"Müller & Söhne","order":{"number":"PO-4711"},"tags":["urgent","Rückläufer"]}""");
        _second = await SendAsync("two", """{"customer":"Miller","amount":1250.5}""");
        await _host.WhenQuiet();
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["total"] = "119.00", ["iban"] = "DE02 1203 0000" };
        await _host.SendAsync(new AssociateDocument(new DocumentRef(Id<Document>.Parse(_second, null), new string('0', 64), 1, "application/pdf"), Fields: fields), Caller.System);
    }

    [OneTimeTearDown]
    public Task Stop() => _host.DisposeAsync().AsTask();

    [TestCase("müller", "first")]
    [TestCase("MÜLLER söh", "first")]
    [TestCase("4711", "first")]
    [TestCase("po-4711 urgent", "first")]
    [TestCase("rückl", "first")]
    [TestCase("m", "first second")]
    [TestCase("letter pdf", "first second")]
    [TestCase("119", "second")]
    [TestCase("119.00 miller", "second")]
    [TestCase("de02 1203", "second")]
    [TestCase("1250.5", "second")]
    [TestCase("miller müller", "")]
    [TestCase("711", "")]
    [TestCase("customer", "")]
    [TestCase("x' | !'y", "")]
    [TestCase("' OR 1=1 --", "")]
    [TestCase("%", null)]
    [TestCase("", null)]
    [TestCase("a b c d e f g h i j k", null)]
    public async Task Words_and_their_beginnings_find(string query, string? expected)
    {
        foreach (var path in new[] { "/api/documents/search", "/api/v1/documents" })
        {
            using var answer = await _host.Client.GetAsync(new Uri($"{path}?query={Uri.EscapeDataString(query)}", UriKind.Relative));
            var json = await answer.JsonAsync();
            if (expected is null)
            {
                Assert.That((answer.StatusCode, (string?)json["code"]), Is.EqualTo((HttpStatusCode.BadRequest, "invalid_query")), path);
                continue;
            }

            var found = json["documents"]!.AsArray().Select(d => (string)d!["document_id"]!).Where(d => d == _first || d == _second).Select(d => d == _first ? "first" : "second");
            Assert.That(string.Join(' ', found.Order(StringComparer.Ordinal)), Is.EqualTo(expected), $"{path} {json}");
        }
    }

    [Test]
    public async Task Search_without_words_says_what_it_needs()
    {
        using var answer = await _host.Client.GetAsync(new Uri("/api/documents/search", UriKind.Relative));
        Assert.That((answer.StatusCode, (string?)(await answer.JsonAsync())["code"]), Is.EqualTo((HttpStatusCode.BadRequest, "invalid_query")));
    }

    [Test]
    public async Task Deleted_document_is_found_by_nothing()
    {
        var third = await SendAsync("three", """{"customer":"Zacharias"}""");
        Assert.That(await CountAsync("zacharias"), Is.EqualTo(1));
        using var deleted = await _host.Client.DeleteAsync(new Uri($"/api/v1/documents/{third}", UriKind.Relative));
        Assert.That(deleted.StatusCode, Is.EqualTo(HttpStatusCode.OK), await deleted.Content.ReadAsStringAsync());

        Assert.That(await CountAsync("zacharias"), Is.Zero);
        var id = Id<Document>.Parse(third, null);
        Assert.That(await _host.InDb<OrchestrationDbContext, string>(db => db.Documents.Where(d => d.Id == id).Select(d => d.Words).SingleAsync()), Is.Empty);
    }

    [Test]
    public async Task PostgreSql_has_an_index_for_it()
    {
        if (database != DatabaseProvider.PostgreSql) Assert.Ignore("SQLite looks through the words.");
        var plan = await _host.InDb<OrchestrationDbContext, List<string>>(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await db.Database.ExecuteSqlRawAsync("SET LOCAL enable_seqscan = off");
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = "EXPLAIN SELECT id FROM orchestration.documents WHERE array_to_tsvector(string_to_array(btrim(words), ' ')) @@ $q$'x':*$q$::tsquery";
            await using var reader = await command.ExecuteReaderAsync();
            var lines = new List<string>();
            while (await reader.ReadAsync()) lines.Add(reader.GetString(0));
            return lines;
        });
        Assert.That(string.Join('\n', plan), Does.Contain("ix_documents_words"));
    }

    private async Task<int> CountAsync(string query) => (int)(await _host.Client.GetJsonAsync($"/api/v1/documents/search?query={query}"))["count"]!;

    private async Task<string> SendAsync(string text, string metadata)
    {
        using var answer = await _host.Client.SendPdfAsync(TestPdf.With(text), metadata: metadata);
        var json = await answer.JsonAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), json.ToString());
        return (string)json["document_id"]!;
    }
}
