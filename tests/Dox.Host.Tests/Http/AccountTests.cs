using System.Net;
using System.Net.Http.Headers;
using Dox.Host.Demo.Samples;
using Dox.Testing.Hosts;

namespace Dox.Host.Tests.Http;

/// <summary>What one account sent, as another one sees it over HTTP: not at all.</summary>
public sealed class AccountTests
{
    private DoxHostFixture _host = null!;
    private HttpClient _owner = null!;
    private HttpClient _stranger = null!;
    private HttpClient _operator = null!;
    private string _document = null!;
    private string _run = null!;

    [OneTimeSetUp]
    public async Task A_document_of_one_account()
    {
        _host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["REQUIRE_AUTH"] = "true", ["Dox:Auth:Jwt:Secret"] = Tokens.Secret },
        });
        _owner = ClientOf("ada", "acme", "submitter");
        _stranger = ClientOf("bob", "bolt", "submitter");
        _operator = ClientOf("olga", "house", "operator");
        var (status, accepted) = await _owner.SendAsync(SampleLibrary.Invoice(1, TimeProvider.System));
        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), accepted.ToString());
        _document = (string)accepted["document_id"]!;
        _run = (string)(await _owner.AtRestAsync(_document))["workflow_id"]!;
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _owner.Dispose();
        _stranger.Dispose();
        _operator.Dispose();
        await _host.DisposeAsync();
    }

    [TestCase("documents/{document}")]
    [TestCase("documents/{document}/status")]
    [TestCase("documents/{document}/content")]
    [TestCase("workflows/{run}")]
    [TestCase("workflows/{run}/history")]
    [TestCase("recognize/{document}")]
    [TestCase("recognize/status/{document}")]
    public async Task Another_account_finds_nothing_where_the_owner_and_an_operator_do(string route)
    {
        var path = $"/api/v1/{route.Replace("{document}", _document, StringComparison.Ordinal).Replace("{run}", _run, StringComparison.Ordinal)}";
        using var owners = await _owner.GetAsync(path);
        using var operators = await _operator.GetAsync(path);
        using var strangers = await _stranger.GetAsync(path);

        Assert.That(owners.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(operators.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(strangers.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("documents")]
    [TestCase("documents?account_id=acme")]
    [TestCase("workflows")]
    public async Task Lists_show_another_account_nothing_of_it(string list)
    {
        var owners = await _owner.GetJsonAsync($"/api/v1/{list}");
        var operators = await _operator.GetJsonAsync($"/api/v1/{list}");
        var strangers = await _stranger.GetJsonAsync($"/api/v1/{list}");

        var id = list.StartsWith("workflows", StringComparison.Ordinal) ? _run : _document;
        Assert.That(owners.ToJsonString(), Does.Contain(id));
        Assert.That(operators.ToJsonString(), Does.Contain(id));
        Assert.That(strangers.ToJsonString(), Does.Not.Contain(_document).And.Not.Contain(_run));
        Assert.That((int)strangers["count"]!, Is.Zero);
    }

    private HttpClient ClientOf(string user, string account, string role)
    {
        var token = Tokens.Of([("sub", user), ("account_id", account), ("roles", role)]);
        return new HttpClient { BaseAddress = _host.Client.BaseAddress, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }
}
