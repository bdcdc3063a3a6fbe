using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Templates;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dox.TemplateMatching.Tests.Templates;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class StoredTemplateTests(DatabaseProvider database)
{
    private static readonly Caller Reviewer = new("rita", "acme", [Role.Reviewer, Role.Submitter, Role.Operator], []);
    private DoxHostFixture _host = null!;
    private FakeTimeProvider _clock = null!;

    private TemplateCatalog Catalog => _host.Services.GetRequiredService<TemplateCatalog>();

    [OneTimeSetUp]
    public async Task Start()
    {
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _host = await DoxHostFixture.StartAsync(new DoxHostSetup { Database = database, Clock = _clock });
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Template_is_added_changed_withdrawn_and_restored_and_each_step_is_audited()
    {
        Assert.That((await SendAsync(HttpMethod.Post, "templates", Text("acme.letter", "Letter"))).Status, Is.EqualTo(201));
        Assert.That((await SendAsync(HttpMethod.Put, "templates/acme.letter?reason=clearer", Text("acme.letter", "Better letter"))).Status, Is.EqualTo(200));
        Assert.That(Catalog.Get("acme.letter").Name, Is.EqualTo("Better letter"));
        var (deleted, gone) = await SendAsync(HttpMethod.Delete, "templates/acme.letter?reason=unused");
        Assert.That((deleted, gone.GetProperty("in_force").GetBoolean(), Catalog.Current.Find("acme.letter")), Is.EqualTo((200, false, (TemplateDefinition?)null)));
        Assert.That((await SendAsync(HttpMethod.Delete, "templates/acme.letter")).Status, Is.EqualTo(404));

        var (restored, answer) = await SendAsync(HttpMethod.Post, "templates/acme.letter/restore", "{\"revision\":1}", "application/json");

        var shown = (await SendAsync(HttpMethod.Get, "templates/acme.letter")).Body;
        var versions = (await SendAsync(HttpMethod.Get, "templates/acme.letter/versions")).Body.GetProperty("versions").EnumerateArray()
            .Select(v => $"{v.GetProperty("revision")} {v.GetProperty("origin")} {v.GetProperty("in_force")} {v.GetProperty("reason")}");
        var audited = await _host.InDb<TemplateMatchingDbContext, List<string>>(
            db => db.Audit.Where(e => e.Subject == "acme.letter").OrderBy(e => e.Sequence).Select(e => $"{e.Actor} {e.Action} {e.FromState} > {e.ToState}").ToListAsync());
        var chain = await _host.InDb<TemplateMatchingDbContext, AuditCheck>(db => AuditTrail.CheckAsync(db, CancellationToken.None));
        Assert.Multiple(() =>
        {
            Assert.That((restored, answer.GetProperty("revision").GetInt32(), Catalog.Get("acme.letter").Name), Is.EqualTo((200, 4, "Letter")));
            Assert.That(shown.GetProperty("place").GetProperty("read_only").GetBoolean(), Is.False);
            Assert.That(shown.GetProperty("definition").GetString(), Is.EqualTo(Text("acme.letter", "Letter")));
            Assert.That(versions, Is.EqualTo(new[] { "4 restored True as revision 1 had it", "3 withdrawn False unused", "2 written False clearer", "1 written False " }));
            Assert.That(audited.Select(a => a[(a.IndexOf(' ', StringComparison.Ordinal) + 1)..]), Is.EqualTo(new[]
            {
                "template.write  > revision 1", "template.write revision 1 > revision 2", "template.withdraw revision 2 > revision 3", "template.restore revision 3 > revision 4",
            }));
            Assert.That(chain.Problem, Is.Null);
        });
    }

    [Test]
    public async Task Version_is_in_force_from_its_day_to_its_last()
    {
        var (from, to) = (_clock.GetUtcNow().AddDays(1), _clock.GetUtcNow().AddDays(3));
        await SendAsync(HttpMethod.Post, "templates", Text("acme.form", "This year's"));
        var (_, planned) = await SendAsync(HttpMethod.Put, $"templates/acme.form?valid_from={Uri.EscapeDataString($"{from:O}")}&valid_to={Uri.EscapeDataString($"{to:O}")}", Text("acme.form", "Next year's"));
        Assert.That((planned.GetProperty("in_force").GetBoolean(), Catalog.Get("acme.form").Name), Is.EqualTo((false, "This year's")));

        await SendAsync(HttpMethod.Put, "templates/acme.form", Text("acme.form", "This year's, mended"));
        Assert.That(Catalog.Get("acme.form").Name, Is.EqualTo("This year's, mended"));
        _clock.Advance(TimeSpan.FromDays(2));
        await Catalog.ReloadAsync(CancellationToken.None);
        Assert.That(Catalog.Get("acme.form").Name, Is.EqualTo("Next year's"));
        _clock.Advance(TimeSpan.FromDays(2));
        await Catalog.ReloadAsync(CancellationToken.None);

        Assert.That(Catalog.Current.Find("acme.form"), Is.Null);
        Assert.That((await SendAsync(HttpMethod.Put, "templates/acme.form?valid_to=2020-01-01T00:00:00Z", Text("acme.form", "Past"))).Body.GetProperty("error").GetString(), Is.EqualTo("bad_validity"));
    }

    [TestCase("PUT", "templates/example.nordwind.invoice", "example.nordwind.invoice", 409, "template_read_only")]
    [TestCase("POST", "templates", "example.nordwind.invoice", 409, "template_read_only")]
    [TestCase("DELETE", "templates/example.nordwind.invoice", "", 409, "template_read_only")]
    [TestCase("PUT", "templates/acme.other", "acme.another", 422, "template_id_differs")]
    [TestCase("POST", "templates", "Bad Id", 422, "template_invalid")]
    [TestCase("POST", "templates", "", 400, "template_missing")]
    [TestCase("POST", "templates/acme.none/restore", "", 404, "template_not_found")]
    [TestCase("GET", "templates/acme.none/versions", "", 404, "template_not_found")]
    public async Task What_cannot_be_done_is_refused_and_said(string method, string path, string id, int status, string code)
    {
        var (answered, body) = await SendAsync(new HttpMethod(method), path, id.Length == 0 ? null : Text(id, "Any"));
        Assert.That((answered, body.GetProperty("error").GetString()), Is.EqualTo((status, code)));
    }

    [Test]
    public async Task Same_id_is_added_once()
    {
        await SendAsync(HttpMethod.Post, "templates", Text("acme.once", "Once"));
        Assert.That((await SendAsync(HttpMethod.Post, "templates", Text("acme.once", "Twice"))).Body.GetProperty("error").GetString(), Is.EqualTo("template_exists"));
    }

    [Test]
    public void Only_authors_change_templates()
    {
        Assert.That(() => _host.SendAsync(new PublishTemplate.Command(null, Text("acme.mine", "Mine"), new()), Reviewer), Throws.TypeOf<DoxException>().With.Property("Status").EqualTo(403));
        Assert.That(() => _host.SendAsync(new DeleteTemplate.Command("acme.mine", null), Reviewer), Throws.TypeOf<DoxException>().With.Property("Status").EqualTo(403));
        Assert.That(() => _host.SendAsync(new RestoreTemplate.Command("acme.mine", 1, null), Reviewer), Throws.TypeOf<DoxException>().With.Property("Status").EqualTo(403));
    }

    internal static string Text(string id, string name) => $"id: {id}\nname: \"{name}\"\nmatch:\n  anchors: [{{ text: one }}, {{ text: two }}, {{ text: three }}]\n";

    private async Task<(int Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/yaml")
    {
        using var request = new HttpRequestMessage(method, new Uri($"/api/v1/{path}", UriKind.Relative));
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type);
        using var answer = await _host.Client.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }
}
