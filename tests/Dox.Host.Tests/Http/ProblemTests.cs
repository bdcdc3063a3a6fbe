using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Dox.Testing.Hosts;
using Microsoft.Extensions.Logging;

namespace Dox.Host.Tests.Http;

public sealed partial class ProblemTests
{
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await DoxHostFixture.StartAsync(new DoxHostSetup { Modules = [new ProbeModule()] });

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [SetUp]
    public void ForgetLogs() => _host.Logs.Clear();

    [TestCase("GET", "/api/v1/nowhere", 404, "not_found")]
    [TestCase("DELETE", "/api/v1/probe/pages", 405, "method_not_allowed")]
    [TestCase("GET", "/api/v1/probe/documents/doc_1", 400, "invalid_parameter")]
    [TestCase("GET", "/api/v1/probe/documents/wf_0193e4a1b2c37d4e8f9a0b1c2d3e4f50", 400, "invalid_parameter")]
    [TestCase("GET", "/api/v1/probe/pages?page=one", 400, "invalid_parameter")]
    [TestCase("GET", "/api/v1/probe/pages", 400, "missing_parameter")]
    [TestCase("GET", "/api/v1/probe/fault", 429, "rate_limited")]
    [TestCase("GET", "/api/probe/fault", 429, "rate_limited")]
    public async Task Clients_fault_is_a_problem_and_no_stack_trace(string method, string path, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await _host.Client.SendAsync(request);

        await answer.ShouldBeProblem((HttpStatusCode)status, code);
        Assert.That(_host.Logs.StackTraces, Is.Empty);
    }

    [TestCase("{", "application/json", 400, "invalid_json")]
    [TestCase("""{"first_name":"a","count":"many","role":"admin"}""", "application/json", 400, "invalid_json")]
    [TestCase("""{"first_name":"a"}""", "application/json", 400, "invalid_json")]
    [TestCase("""{"first_name":"a","count":1,"role":"king"}""", "application/json", 400, "invalid_json")]
    [TestCase("", "application/json", 400, "missing_body")]
    [TestCase("a=b", "application/x-www-form-urlencoded", 415, "unsupported_media_type")]
    public async Task Bad_body_is_a_problem_that_names_none_of_our_types(string body, string type, int status, string code)
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var answer = await _host.Client.PostAsync(new Uri("/api/v1/probe/body", UriKind.Relative), content);

        var problem = await answer.ShouldBeProblem((HttpStatusCode)status, code);
        Assert.That(problem.ToString(), Does.Not.Match(@"ProbeBody|System\.|Dox\."));
        Assert.That(_host.Logs.StackTraces, Is.Empty);
    }

    [Test]
    public async Task Missing_members_are_named_as_they_are_written()
    {
        using var content = new StringContent("""{"first_name":"a"}""", Encoding.UTF8, "application/json");
        using var answer = await _host.Client.PostAsync(new Uri("/api/v1/probe/body", UriKind.Relative), content);

        var problem = await answer.ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_json");
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain("count").And.Contain("role"));
    }

    [Test]
    public async Task Fault_tells_its_findings_and_when_to_come_back()
    {
        using var answer = await _host.Client.GetAsync(new Uri("/api/v1/probe/fault", UriKind.Relative));

        var problem = await answer.ShouldBeProblem(HttpStatusCode.TooManyRequests, "rate_limited");
        var error = problem.GetProperty("errors")[0];
        var details = problem.GetProperty("details");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.Headers.RetryAfter?.Delta, Is.EqualTo(TimeSpan.FromSeconds(2)));
            Assert.That(error.GetProperty("step").GetString(), Is.EqualTo("rate_limit"));
            Assert.That(error.GetProperty("max_allowed").GetString(), Is.EqualTo("100"));
            Assert.That(details.GetProperty("rule_violated").GetString(), Is.EqualTo("rate_limit"));
            Assert.That(details.GetProperty("provided").GetString(), Is.EqualTo("101"));
        }
    }

    [Test]
    public async Task Bug_is_told_to_the_log_and_not_to_the_client()
    {
        using var answer = await _host.Client.GetAsync(new Uri("/api/v1/probe/bug", UriKind.Relative));

        var problem = await answer.ShouldBeProblem(HttpStatusCode.InternalServerError, "internal_error");
        Assert.That(problem.ToString(), Does.Not.Contain("nobody's business"));
        Assert.That(problem.GetProperty("trace_id").GetString(), Does.Match("^[0-9a-f]{32}$"));
        Assert.That(_host.Logs.Lines.Where(l => l.Level == LogLevel.Error).Select(l => l.Exception?.Message), Is.EqualTo(["A detail that is nobody's business."]));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Body_over_the_limit_and_its_margin_is_cut_off(bool chunked)
    {
        using var content = new ByteArrayContent(new byte[52 * 1024 * 1024]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/probe/length") { Content = content, Headers = { TransferEncodingChunked = chunked, ExpectContinue = true } };
        using var answer = await _host.Client.SendAsync(request);

        await answer.ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "request_too_large");
        Assert.That(_host.Logs.StackTraces, Is.Empty);
    }

    [Test]
    public async Task Body_of_the_largest_document_in_a_form_is_let_through()
    {
        using var content = new ByteArrayContent(new byte[(50 * 1024 * 1024) + 2000]);
        using var answer = await _host.Client.PostAsync(new Uri("/api/v1/probe/length", UriKind.Relative), content);

        Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo($"{(50 * 1024 * 1024) + 2000}"));
    }

    [Test]
    public async Task Request_id_is_taken_when_it_is_harmless_and_made_when_it_is_not()
    {
        var taken = await IdAnsweredTo("order-4711:a.b_c");
        var made = await IdAnsweredTo("a b");
        var madeForTooLong = await IdAnsweredTo(new string('a', 129));

        Assert.That(taken, Is.EqualTo("order-4711:a.b_c"));
        Assert.That(made, Does.Match(Made()));
        Assert.That(madeForTooLong, Does.Match(Made()));
    }

    private async Task<string> IdAnsweredTo(string sent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live");
        request.Headers.TryAddWithoutValidation("X-Request-ID", sent);
        using var answer = await _host.Client.SendAsync(request);
        return answer.Headers.GetValues("X-Request-ID").Single();
    }

    [GeneratedRegex("^[0-9a-f]{32}$", RegexOptions.None, 1000)]
    private static partial Regex Made();
}
