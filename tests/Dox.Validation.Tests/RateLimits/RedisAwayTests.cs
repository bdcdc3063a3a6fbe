using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.Testing.Hosts;
using Dox.Testing.Servers;
using Dox.Validation.Contracts;
using Dox.Validation.RateLimits;
using Dox.Validation.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Validation.Tests.RateLimits;

internal sealed class RedisAwayTests
{
    private const int Limit = 400;
    private const double Share = 0.25;
    private static readonly Caller Ann = new("ann", "customer", [Role.Submitter], []);

    [Test]
    public async Task Redis_stopped_in_the_middle_of_a_thousand_never_lets_in_more_than_the_limit_and_one_share()
    {
        await using var redis = await RedisServer.StartPrivateAsync();
        await using var host = await StartAsync(redis);
        var passed = 0;
        var sent = 0;
        var half = new TaskCompletionSource();
        var sending = Enumerable.Range(0, 8).Select(async _ =>
        {
            while (Interlocked.Increment(ref sent) is var number && number <= 1000)
            {
                if (number == 300) half.TrySetResult();
                if ((await SendAsync(host)).Passed) Interlocked.Increment(ref passed);
            }
        }).ToList();
        await half.Task;
        await redis.KillAsync();
        await Task.WhenAll(sending);

        Assert.That(passed, Is.GreaterThan(300).And.LessThanOrEqualTo(Limit + (int)(Limit * Share)));
        var health = await (await host.Client.GetAsync("/health")).Content.ReadFromJsonAsync<JsonNode>();
        Assert.That((string?)health!["components"]!["rate_limiter"], Is.EqualTo("degraded"));
        Assert.That(await host.Client.GetStringAsync("/metrics"), Does.Match("rate_limit_fallback_total(\\{[^}]*\\})? [1-9]"));
    }

    [Test]
    public async Task Two_processes_share_a_limit_over_redis()
    {
        var redis = await RedisServer.SharedAsync();
        var prefix = RedisServer.NewPrefix();
        await using var one = await StartAsync(redis, prefix);
        await using var two = await StartAsync(redis, prefix);
        // A busy machine isn't a Redis that is away
        foreach (var host in new[] { one, two }) host.Services.GetRequiredService<RedisLimitLog>().Patience = TimeSpan.FromMinutes(1);
        var results = await Task.WhenAll(Enumerable.Range(0, Limit + 100).Select(async i => (await SendAsync(i % 2 == 0 ? one : two)).Passed));

        Assert.That(results.Count(passed => passed), Is.EqualTo(Limit));
    }

    [Test]
    public async Task Headers_say_what_is_left_and_retry_after_is_true()
    {
        await using var host = await ValidationHost.StartAsync(new DoxHostSetup().With(
            ("Dox:Validation:RateLimit:ValidationsPerUserPerDay", "2"), ("RATE_LIMIT_BYPASS_TOKEN", "a token of many letters")));
        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 3; i++) answers.Add(await PostAsync(host, "letter.pdf"));
        using var free = await PostAsync(host, "letter.pdf", "a token of many letters");
        using var guessed = await PostAsync(host, "letter.pdf", "another token of letters");
        using var asked = await host.Client.PostAsync("/api/v1/validate/rate-check", null);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answers.Select(a => a.StatusCode), Is.EqualTo([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests]));
            Assert.That(answers[0].Headers.GetValues("RateLimit").Single(), Does.Match("^\"user\";r=1;t=864\\d\\d$"));
            Assert.That(answers[0].Headers.GetValues("RateLimit-Policy").Single(), Is.EqualTo("\"user\";q=2;w=86400"));
            Assert.That(answers[1].Headers.GetValues("X-RateLimit-Remaining").Single(), Is.EqualTo("0"));
            Assert.That(answers[2].Headers.RetryAfter!.Delta, Is.InRange(TimeSpan.FromSeconds(86_300), TimeSpan.FromSeconds(86_400)));
            Assert.That((free.StatusCode, guessed.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.TooManyRequests)));
            Assert.That(asked.Headers.GetValues("RateLimit-Policy").Single(), Does.Contain("\"account\";q=500"));
        }

        answers.ForEach(a => a.Dispose());
    }

    private static async Task<HttpResponseMessage> PostAsync(DoxHostFixture host, string name, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/validate/file") { Content = new ByteArrayContent(TestFiles.Pdf()) };
        request.Headers.Add("X-File-Name", name);
        if (token is not null) request.Headers.Add("X-RateLimit-Bypass", token);
        return await host.Client.SendAsync(request);
    }

    private static Task<DoxHostFixture> StartAsync(RedisServer redis, string? prefix = null) => ValidationHost.StartAsync(new DoxHostSetup().With(
        ("REDIS_HOST", redis.Host), ("REDIS_PORT", $"{redis.Port}"), ("REDIS_PASSWORD", redis.Password ?? ""), ("Dox:Redis:Prefix", prefix ?? RedisServer.NewPrefix()),
        ("RATE_LIMIT_PER_USER_PER_DAY", $"{Limit}"), ("RATE_LIMIT_PER_ACCOUNT_PER_DAY", $"{Limit}"), ("Dox:Validation:RateLimit:BurstPerMinute", "100000")));

    private static Task<StepResult> SendAsync(DoxHostFixture host) => host.SendAsync(
        new CheckRateLimit(new SubmittedFile(Id<Document>.New(TimeProvider.System), new string('0', 64), 1, "application/pdf", "a.pdf")), Ann);
}
