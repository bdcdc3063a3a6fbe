using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Dox.Host.Demo.Samples;
using Dox.Testing.Hosts;

namespace Dox.Host.Tests.Http;

/// <summary>What people and programs send by mistake or on purpose: each is a problem with a stable code, and none leaves a stack trace.</summary>
public sealed class BadInputTests
{
    private const int Limit = 50 * 1024 * 1024;

    private DoxHostFixture _host = null!;
    private byte[] _pdf = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await DoxHostFixture.StartAsync();
        _pdf = SampleLibrary.All(1, TimeProvider.System).First(s => s.FileName.EndsWith(".pdf", StringComparison.Ordinal)).Content;
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [SetUp]
    public void ForgetLogs() => _host.Logs.Clear();

    [TearDown]
    public void No_stack_trace() => Assert.That(_host.Logs.StackTraces, Is.Empty);

    [TestCase("notes.txt", "Just words.", 415)]
    [TestCase("notes.pdf", "Just words.", 415)]
    [TestCase("run.exe", "MZ", 415)]
    [TestCase("picture.png", "%PDF-1.4", 415)]
    [TestCase("broken.pdf", "%PDF-1.4 and nothing else", 422)]
    [TestCase("empty.pdf", "", 413)]
    public async Task Wrong_content_is_refused_with_its_findings(string name, string text, int status)
    {
        using var answer = await SendAsync(Form(File(Encoding.UTF8.GetBytes(text), name)));

        var problem = await ShouldBeProblem(answer, (HttpStatusCode)status);
        Assert.That(problem.GetProperty("errors").GetArrayLength(), Is.Positive);
    }

    [Test]
    public async Task Empty_file_says_so()
    {
        using var answer = await SendAsync(Form(File([], "empty.pdf")));

        await answer.ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "file_empty");
    }

    [TestCase(true, true)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    [TestCase(false, false)]
    public async Task One_byte_too_many_is_refused(bool form, bool chunked)
    {
        var bytes = new byte[Limit + 1];
        _pdf.CopyTo(bytes, 0);
        using HttpContent content = form ? Form(File(bytes, "large.pdf")) : new ByteArrayContent(bytes);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/documents?filename=large.pdf") { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        using var answer = await _host.Client.SendAsync(request);

        await answer.ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "file_too_large");
    }

    [Test]
    public async Task No_file_two_files_and_no_form_are_told_apart()
    {
        using var none = await SendAsync(Form(("workflow", new StringContent("process_document_upload"))));
        using var two = await SendAsync(Form(File(_pdf, "a.pdf"), File(_pdf, "b.pdf")));
        using var json = await SendAsync(new StringContent("{}", Encoding.UTF8, "application/json"));

        await none.ShouldBeProblem(HttpStatusCode.BadRequest, "file_missing");
        await two.ShouldBeProblem(HttpStatusCode.BadRequest, "more_than_one_file");
        await json.ShouldBeProblem(HttpStatusCode.BadRequest, "file_missing");
    }

    [TestCase("application/pdf", HttpStatusCode.Accepted)]
    [TestCase("application/octet-stream", HttpStatusCode.Accepted)]
    [TestCase("image/png", HttpStatusCode.UnsupportedMediaType)]
    public async Task Raw_body_may_have_the_type_of_its_content_and_no_other(string type, HttpStatusCode status)
    {
        using var content = new ByteArrayContent([.. _pdf, .. type.Select(_ => (byte)10)]);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var answer = await SendAsync(content, "raw.pdf");

        Assert.That(answer.StatusCode, Is.EqualTo(status), await answer.Content.ReadAsStringAsync());
        await _host.WhenQuiet();
    }

    [TestCase("{\"customer\":", "metadata_not_json")]
    [TestCase("[1]", "metadata_not_an_object")]
    [TestCase("\"text\"", "metadata_not_an_object")]
    public async Task Broken_metadata_is_refused(string metadata, string code)
    {
        using var answer = await SendAsync(Form(File(_pdf, "a.pdf"), ("metadata", new StringContent(metadata))));

        await answer.ShouldBeProblem(HttpStatusCode.BadRequest, code);
    }

    [Test]
    public async Task Unknown_rule_is_refused()
    {
        using var answer = await SendAsync(Form(File(_pdf, "a.pdf"), ("workflow", new StringContent("no_such_rule"))));

        await answer.ShouldBeProblem(HttpStatusCode.BadRequest, "unknown_rule");
    }

    [Test]
    public async Task Name_with_a_nul_is_refused_and_one_with_a_path_is_stripped_of_it()
    {
        using var nul = await SendAsync(new ByteArrayContent(_pdf), "a%00b.pdf");
        using var path = await SendAsync(new ByteArrayContent(_pdf), "..%2F..%2Fetc%2Fpasswd.pdf");

        await nul.ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_character");
        Assert.That(path.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await path.Content.ReadAsStringAsync());
        var id = JsonDocument.Parse(await path.Content.ReadAsStringAsync()).RootElement.GetProperty("document_id").GetString();
        using var document = await _host.Client.GetAsync(new Uri($"/api/v1/documents/{id}", UriKind.Relative));
        Assert.That(await document.Content.ReadAsStringAsync(), Does.Contain("\"passwd.pdf\"").And.Not.Contain(".."));
        await _host.WhenQuiet();
    }

    [Test]
    public async Task Body_that_is_not_the_form_it_says_it_is_is_refused()
    {
        using var content = new StringContent("--nothing");
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=abc");
        using var answer = await SendAsync(content);

        await ShouldBeProblem(answer, HttpStatusCode.BadRequest);
    }

    [TestCase("/api/v1/documents/doc_0193e4a1b2c37d4e8f9a0b1c2d3e4f50", 404, "document_not_found")]
    [TestCase("/api/v1/documents/doc_0193e4a1b2c37d4e8f9a0b1c2d3e4f50/status", 404, "document_not_found")]
    [TestCase("/api/v1/documents/doc_0193e4a1b2c37d4e8f9a0b1c2d3e4f50/content", 404, "document_not_found")]
    [TestCase("/api/documents/doc_0193e4a1b2c37d4e8f9a0b1c2d3e4f50", 404, "document_not_found")]
    [TestCase("/api/v1/documents/4711", 400, "invalid_parameter")]
    [TestCase("/api/v1/workflows/wf_0193e4a1b2c37d4e8f9a0b1c2d3e4f50", 404, "workflow_not_found")]
    [TestCase("/api/v1/reviews/rev_0193e4a1b2c37d4e8f9a0b1c2d3e4f50", 404, "review_not_found")]
    [TestCase("/api/v1/rules/no_such_rule", 404, "rule_not_found")]
    [TestCase("/api/v1/templates/no.such.template", 404, "template_not_found")]
    [TestCase("/api/v1/teams/Nobody", 404, "team_not_found")]
    public async Task Unknown_id_is_a_problem(string path, int status, string code)
    {
        using var answer = await _host.Client.GetAsync(new Uri(path, UriKind.Relative));

        await answer.ShouldBeProblem((HttpStatusCode)status, code);
    }

    [TestCase("/api/v1/documents?file_name=%00")]
    [TestCase("/api/v1/documents?file_name=a%0Ab")]
    [TestCase("/api/v1/documents?account_id=a&account_id=%7F")]
    [TestCase("/api/v1/documents?%00=a")]
    [TestCase("/api/v1/workflows?rule=%00")]
    [TestCase("/api/v1/rules/a%0Ab")]
    [TestCase("/api/v1/teams/a%01b")]
    public async Task Control_character_in_an_address_is_refused(string path)
    {
        using var answer = await _host.Client.GetAsync(new Uri(path, UriKind.Relative));

        await answer.ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_character");
    }

    private Task<HttpResponseMessage> SendAsync(HttpContent content, string? name = null) =>
        _host.Client.PostAsync(new Uri("/api/v1/documents" + (name is null ? "" : "?filename=" + name), UriKind.Relative), content);

    private static async Task<JsonElement> ShouldBeProblem(HttpResponseMessage answer, HttpStatusCode status)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(status), body);
        return await answer.ShouldBeProblem(status, JsonDocument.Parse(body).RootElement.GetProperty("code").GetString()!);
    }

    private static (string, HttpContent) File(byte[] bytes, string name) => ("file|" + name, new ByteArrayContent(bytes));

    private static MultipartFormDataContent Form(params (string Name, HttpContent Content)[] parts)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, content) in parts)
        {
            if (name.Split('|') is [var field, var file]) form.Add(content, field, file);
            else form.Add(content, name);
        }

        return form;
    }
}
