using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dox.Testing.Hosts;
using Dox.Testing.Servers;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Host.Tests.Http;

public sealed class AccessTests
{
    private const string Key = "0c9d2b8f6a1e4d7b93c5";

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private DoxHostFixture _host = null!;

    [SetUp]
    public async Task Start() => _host = await DoxHostFixture.StartAsync(new DoxHostSetup
    {
        Modules = [new ProbeModule()],
        Clock = _clock,
        Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["REQUIRE_AUTH"] = "true", ["API_KEY"] = Key, ["Dox:Auth:Jwt:Secret"] = Tokens.Secret },
    });

    [TearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Nobody_gets_in_without_saying_who()
    {
        using var answer = await Ask();

        await answer.ShouldBeProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.That(answer.Headers.WwwAuthenticate, Is.Not.Empty);
    }

    [Test]
    public async Task Key_is_an_administrator_of_the_default_account()
    {
        using var answer = await Ask(("X-API-Key", Key));

        Assert.That(await CallerIn(answer), Is.EqualTo(("api-key", "default", "admin")));
    }

    [TestCase("")]
    [TestCase("0c9d2b8f6a1e4d7b93c6")]
    [TestCase("0c9d2b8f6a1e4d7b93c5 ")]
    public async Task Wrong_key_is_refused(string key)
    {
        using var answer = await Ask(("X-API-Key", key.TrimEnd() + (key.EndsWith(' ') ? "x" : "")));

        await answer.ShouldBeProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.That(_host.Logs.StackTraces, Is.Empty);
    }

    [Test]
    public async Task Token_says_who_its_bearer_is()
    {
        using var answer = await Ask(("Authorization", "Bearer " + Tokens.Of([("sub", "ada"), ("account_id", "acme"), ("roles", new[] { "operator", "reviewer" })])));

        Assert.That(await CallerIn(answer), Is.EqualTo(("ada", "acme", "operator,reviewer")));
    }

    [TestCase("signer", "submitter")]
    [TestCase("viewer", "submitter")]
    [TestCase("api-client", "submitter")]
    [TestCase("manager", "submitter,reviewer,operator")]
    [TestCase("system", "")]
    [TestCase("king", "")]
    public async Task Earlier_roles_are_ours_and_nobody_becomes_the_system(string theirs, string ours)
    {
        using var answer = await Ask(("Authorization", "Bearer " + Tokens.Of([("sub", "ada"), ("site_id", "acme"), ("roles", theirs)])));

        Assert.That(await CallerIn(answer), Is.EqualTo(("ada", "acme", ours)));
    }

    [Test]
    public async Task Token_without_an_account_is_refused()
    {
        using var answer = await Ask(("Authorization", "Bearer " + Tokens.Of([("sub", "ada"), ("roles", "admin")])));

        await answer.ShouldBeProblem(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [TestCase("sub", "")]
    [TestCase("sub", " ")]
    [TestCase("sub", "a\nb")]
    [TestCase("sub", "a\0b")]
    [TestCase("sub", 201)]
    [TestCase("account_id", "")]
    [TestCase("account_id", "a\nb")]
    [TestCase("account_id", 201)]
    [TestCase("site_id", 201)]
    public async Task Token_whose_names_cannot_be_kept_is_refused(string claim, object value)
    {
        var names = new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = "ada", [claim == "site_id" ? claim : "account_id"] = "acme" };
        names[claim] = value is int length ? new string('a', length) : value;
        using var answer = await Ask(("Authorization", "Bearer " + Tokens.Of([.. names.Select(n => (n.Key, n.Value))])));

        await answer.ShouldBeProblem(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Test]
    public async Task Token_without_a_bearer_is_refused_and_the_longest_names_are_taken()
    {
        var longest = new string('a', 200);
        using var nobodys = await Ask(("Authorization", "Bearer " + Tokens.Of([("account_id", "acme")])));
        using var long200 = await Ask(("Authorization", "Bearer " + Tokens.Of([("sub", longest), ("account_id", longest)])));

        await nobodys.ShouldBeProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.That(await CallerIn(long200), Is.EqualTo((longest, longest, "")));
    }

    [Test]
    public async Task Token_that_somebody_was_shown_is_checked_as_its_bearers_would_be_and_a_wrong_one_counts_as_a_guess()
    {
        var good = await ValidateAsync(Tokens.Of([("sub", "ada"), ("site_id", "acme"), ("roles", "manager")]));
        Assert.That((good.GetProperty("valid").GetBoolean(), good.GetProperty("user_id").GetString(), good.GetProperty("account_id").GetString()), Is.EqualTo((true, "ada", "acme")));
        Assert.That(good.GetProperty("roles").EnumerateArray().Select(r => r.GetString()), Is.EqualTo(["submitter", "reviewer", "operator"]));
        for (var i = 0; i < 10; i++) Assert.That((await ValidateAsync("rubbish")).GetProperty("valid").GetBoolean(), Is.False);

        using var locked = await Ask(("X-API-Key", Key));
        await locked.ShouldBeProblem(HttpStatusCode.TooManyRequests, "too_many_failed_attempts");

        async Task<JsonElement> ValidateAsync(string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/validate") { Content = JsonContent.Create(new { token }), Headers = { { "X-API-Key", Key } } };
            using var answer = await _host.Client.SendAsync(request);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
            return await answer.Content.ReadFromJsonAsync<JsonElement>();
        }
    }

    [TestCase("forged")]
    [TestCase("rubbish")]
    public async Task Guessed_tokens_lock_out_too(string kind)
    {
        var token = kind == "forged" ? Tokens.Of([("sub", "ada"), ("account_id", "acme")], Tokens.Secret + "x") : kind;
        for (var i = 0; i < 10; i++)
        {
            using var wrong = await Ask(("Authorization", "Bearer " + token));
            Assert.That(wrong.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        }

        using var locked = await Ask(("X-API-Key", Key));
        await locked.ShouldBeProblem(HttpStatusCode.TooManyRequests, "too_many_failed_attempts");
    }

    [Test]
    public async Task Authority_that_is_away_locks_nobody_out()
    {
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Modules = [new ProbeModule()],
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["REQUIRE_AUTH"] = "true",
                ["API_KEY"] = Key,
                ["Dox:Auth:Jwt:Authority"] = $"http://127.0.0.1:{LocalServer.FreePort()}",
            },
        });
        var token = Tokens.Of([("sub", "ada"), ("account_id", "acme")]);
        for (var i = 0; i < 11; i++)
        {
            using var unsure = await AskOf(host, ("Authorization", "Bearer " + token));
            Assert.That(unsure.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        }

        using var key = await AskOf(host, ("X-API-Key", Key));
        Assert.That(key.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public void Keys_that_would_protect_nothing_are_not_made() =>
        Assert.That(_host.Logs.Lines.Where(l => l.Category.StartsWith("Microsoft.AspNetCore.DataProtection", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public async Task Token_of_another_secret_is_refused_and_one_that_asks_for_no_signature()
    {
        (string, object)[] claims = [("sub", "ada"), ("account_id", "acme"), ("roles", "admin")];
        using var forged = await Ask(("Authorization", "Bearer " + Tokens.Of(claims, Tokens.Secret + "x")));
        using var unsigned = await Ask(("Authorization", "Bearer " + Tokens.Of(claims, secret: null)));
        using var rubbish = await Ask(("Authorization", "Bearer rubbish"));

        foreach (var answer in new[] { forged, unsigned, rubbish }) await answer.ShouldBeProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.That(_host.Logs.StackTraces, Is.Empty);
    }

    [Test]
    public async Task Guessing_locks_out_even_the_right_guess_until_the_time_is_over()
    {
        for (var i = 0; i < 10; i++)
        {
            using var wrong = await Ask(("X-API-Key", $"guess-{i}"));
            Assert.That(wrong.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        }

        using var locked = await Ask(("X-API-Key", Key));
        await locked.ShouldBeProblem(HttpStatusCode.TooManyRequests, "too_many_failed_attempts");
        Assert.That(locked.Headers.RetryAfter?.Delta, Is.EqualTo(TimeSpan.FromMinutes(5)));
        using var withoutKey = await _host.Client.GetAsync(new Uri("/health", UriKind.Relative));
        Assert.That(withoutKey.IsSuccessStatusCode, Is.True);

        _clock.Advance(TimeSpan.FromMinutes(5));
        using var later = await Ask(("X-API-Key", Key));
        Assert.That(later.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("/health")]
    [TestCase("/health/live")]
    [TestCase("/health/ready")]
    [TestCase("/metrics")]
    [TestCase("/openapi/v1.json")]
    [TestCase("/docs/")]
    public async Task Open_to_all(string path)
    {
        using var answer = await _host.Client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("/api/v1/probe/pages?page=1")]
    [TestCase("/api/v1/nowhere")]
    [TestCase("/nowhere")]
    public async Task Shut_to_strangers(string path)
    {
        using var answer = await _host.Client.GetAsync(new Uri(path, UriKind.Relative));

        await answer.ShouldBeProblem(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Test]
    public async Task Open_development_takes_anybody_for_an_administrator()
    {
        await using var open = await DoxHostFixture.StartAsync(new DoxHostSetup { Modules = [new ProbeModule()] });
        using var answer = await open.Client.GetAsync(new Uri("/api/v1/probe/caller", UriKind.Relative));

        Assert.That(await CallerIn(answer), Is.EqualTo(("anonymous", "default", "admin")));
    }

    private Task<HttpResponseMessage> Ask(params (string Name, string Value)[] headers) => AskOf(_host, headers);

    private static Task<HttpResponseMessage> AskOf(DoxHostFixture host, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/probe/caller");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return host.Client.SendAsync(request);
    }

    private static async Task<(string? User, string? Account, string Roles)> CallerIn(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), body);
        var caller = JsonDocument.Parse(body).RootElement;
        return (caller.GetProperty("user").GetString(), caller.GetProperty("account").GetString(),
            string.Join(',', caller.GetProperty("roles").EnumerateArray().Select(r => r.GetString())));
    }
}
