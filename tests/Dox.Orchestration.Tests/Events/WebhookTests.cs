using System.Net;
using Dox.Orchestration.Data;
using Dox.Orchestration.Webhooks;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Events;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class WebhookTests(DatabaseProvider database)
{
    private const string Straight = "name: straight\nsteps:\n  - { name: A, action: effect }\n  - { name: B, action: effect }\n";

    private static readonly string Key = Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);

    private WebhookReceiver _receiver = null!;
    private EventsHost _host = null!;
    private List<string> _lookedUp = null!;

    [SetUp]
    public async Task Start()
    {
        _receiver = await WebhookReceiver.StartAsync();
        _lookedUp = [];
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Dox:Webhooks:AllowedHosts:0"] = $"127.0.0.1:{_receiver.Port}",
            ["Dox:Webhooks:Timeout"] = "00:00:00.5",
            ["Dox:Webhooks:FirstDelay"] = "00:00:00.03",
            ["Dox:Webhooks:LongestDelay"] = "00:00:00.1",
            ["Dox:Webhooks:MaxAttempts"] = "4",
            ["ENCRYPTION_KEY"] = Key,
        };
        _host = await EventsHost.StartAsync(database, settings, null, services => services.AddSingleton<ResolveHost>((host, _) =>
        {
            lock (_lookedUp) _lookedUp.Add(host);
            return Task.FromResult(new[] { IPAddress.Parse("93.184.215.14"), IPAddress.Loopback });
        }), Straight);
    }

    [TearDown]
    public async Task Stop()
    {
        await _host.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Test]
    public async Task Events_arrive_signed_and_in_the_order_of_their_run()
    {
        var (_, secret) = await SubscribeAsync("/ok");
        var runs = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _host.StartRunAsync("straight")));
        var received = await _receiver.WhenAsync(all => all.Count >= 20);

        Assert.That(received, Has.Count.EqualTo(20));
        Assert.That(received.Select(r => r.Id), Is.Unique);
        Assert.That(received, Is.All.Matches<WebhookReceiver.Received>(r => r!.IsSignedWith(secret)));
        Assert.That(received, Is.All.Matches<WebhookReceiver.Received>(r => (string?)r!.Event["event_id"] == r.Id));
        foreach (var run in runs)
            Assert.That(received.Where(r => r.Run == run.ToString()).Select(r => r.Type), Is.EqualTo(new[] { "workflow_started", "step_completed", "step_completed", "workflow_completed" }));
    }

    [Test]
    public async Task Only_the_types_that_were_asked_for_are_sent()
    {
        await SubscribeAsync("/ok", "workflow_completed");
        await _host.StartRunAsync("straight");
        await _host.StartRunAsync("straight");

        Assert.That((await _receiver.WhenAsync(all => all.Count >= 2)).Select(r => r.Type), Is.EqualTo(new[] { "workflow_completed", "workflow_completed" }));
    }

    [Test]
    public async Task Receiver_that_fails_is_sent_the_same_again_and_the_order_stays()
    {
        await SubscribeAsync("/flaky");
        _receiver.Fail(3);
        await _host.StartRunAsync("straight");
        var received = await _receiver.WhenAsync(all => all.Any(r => r.Type == "workflow_completed"));

        Assert.That(received.Take(4).Select(r => r.Id).Distinct(StringComparer.Ordinal), Has.Exactly(1).Items);
        Assert.That(received.DistinctBy(r => r.Id, StringComparer.Ordinal).Select(r => r.Type), Is.EqualTo(new[] { "workflow_started", "step_completed", "step_completed", "workflow_completed" }));
    }

    [TestCase("/hang", "No answer within")]
    [TestCase("/broken", "Answered 500")]
    [TestCase("/redirect", "redirects aren't followed")]
    public async Task Nasty_receiver_is_given_up_holds_nobody_else_up_and_is_served_again_when_redriven(string path, string error)
    {
        var (nasty, _) = await SubscribeAsync(path, "workflow_completed");
        await SubscribeAsync("/ok", "workflow_completed");
        await _host.StartRunAsync("straight");
        await _receiver.WhenAsync(all => all.Any(r => r.Path == "/ok"));
        var dead = await _host.WhenAsync($"webhooks/{nasty}/deliveries?status=dead", d => (int)d["count"]! == 1);

        Assert.That((int)dead["deliveries"]![0]!["attempts"]!, Is.EqualTo(4));
        Assert.That((string?)dead["deliveries"]![0]!["last_error"], Does.Contain(error));
        Assert.That(_receiver.All.Where(r => r.Path == "/inside"), Is.Empty);

        var before = _receiver.All.Count(r => r.Path == path);
        var (status, answer) = await _host.SendAsync(HttpMethod.Post, $"webhooks/{nasty}/redrive", new { });
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((int)answer!["redriven"]!, Is.EqualTo(1));
        await _receiver.WhenAsync(all => all.Count(r => r.Path == path) > before);
    }

    [Test]
    public async Task Answer_without_end_is_not_read()
    {
        var (webhook, _) = await SubscribeAsync("/huge", "workflow_completed");
        await _host.StartRunAsync("straight");

        var delivered = await _host.WhenAsync($"webhooks/{webhook}/deliveries", d => (string?)d["deliveries"]?.AsArray().FirstOrDefault()?["status"] == "delivered");
        Assert.That((int)delivered["deliveries"]![0]!["last_status"]!, Is.EqualTo(200));
    }

    [Test]
    public async Task Receiver_that_says_gone_is_sent_nothing_more()
    {
        var (webhook, _) = await SubscribeAsync("/gone", "workflow_completed");
        await _host.StartRunAsync("straight");
        var shown = await _host.WhenAsync($"webhooks/{webhook}", w => !(bool)w["active"]!);

        Assert.That((string?)shown["disabled_reason"], Does.Contain("410"));
    }

    [Test]
    public async Task Name_that_resolves_inside_is_not_called_even_when_it_resolves_outside_too()
    {
        var (webhook, _) = await SubscribeAsync($"https://rebound.example:{_receiver.Port}/ok", "workflow_completed");
        await _host.StartRunAsync("straight");
        var dead = await _host.WhenAsync($"webhooks/{webhook}/deliveries?status=dead", d => (int)d["count"]! == 1);

        Assert.That((string?)dead["deliveries"]![0]!["last_error"], Does.Contain("inside the network"));
        Assert.That(_receiver.All, Is.Empty);
        lock (_lookedUp) Assert.That(_lookedUp, Has.Count.GreaterThanOrEqualTo(4).And.All.EqualTo("rebound.example"));
    }

    [Test]
    public async Task New_secret_signs_beside_the_old_one()
    {
        var (webhook, old) = await SubscribeAsync("/ok", "workflow_completed");
        var (_, rotated) = await _host.SendAsync(HttpMethod.Post, $"webhooks/{webhook}/rotate-secret");
        var young = (string)rotated!["secret"]!;
        await _host.StartRunAsync("straight");
        var received = (await _receiver.WhenAsync(all => all.Count >= 1))[0];

        Assert.That(young, Is.Not.EqualTo(old));
        Assert.That(received.IsSignedWith(young) && received.IsSignedWith(old), Is.True);
    }

    [Test]
    public async Task Secret_is_shown_once_and_logged_never()
    {
        var (webhook, secret) = await SubscribeAsync("/ok");
        await _host.StartRunAsync("straight");
        await _receiver.WhenAsync(all => all.Count >= 4);
        foreach (var path in new[] { "webhooks", $"webhooks/{webhook}", $"webhooks/{webhook}/deliveries", "audit" })
        {
            var (status, json) = await _host.SendAsync(HttpMethod.Get, path);
            Assert.That(status, Is.EqualTo(HttpStatusCode.OK), path);
            Assert.That(json!.ToJsonString(), Does.Not.Contain(secret[6..]).And.Not.Contain("whsec"), path);
        }

        Assert.That(string.Join("\n", _host.Host.Logs.Lines), Does.Not.Contain(secret[6..]));
    }

    [Test]
    public async Task Secret_is_encrypted_in_the_database_and_bound_to_its_webhook()
    {
        var (first, secret) = await SubscribeAsync("/ok", "workflow_completed");
        var (second, _) = await SubscribeAsync("/other", "workflow_completed");
        var kept = await _host.Host.InDb<OrchestrationDbContext, List<WebhookRecord>>(db => db.Webhooks.AsNoTracking().ToListAsync());
        Assert.That(kept.Select(w => w.Secret), Is.All.StartsWith("sealed:").And.None.Contains(secret[6..]));

        // Another's in its place opens for nobody
        var theirs = kept.Single(w => w.Id.ToString() == second).Secret;
        await _host.Host.InDb<OrchestrationDbContext>(db => db.Webhooks.Where(w => w.Url.EndsWith("ok")).ExecuteUpdateAsync(s => s.SetProperty(w => w.Secret, theirs)));
        await _host.StartRunAsync("straight");
        var dead = await _host.WhenAsync($"webhooks/{first}/deliveries?status=dead", d => (int)d["count"]! == 1);
        Assert.That((string?)dead["deliveries"]![0]!["last_error"], Does.Contain("ENCRYPTION_KEY"));
        Assert.That(_receiver.All.Select(r => r.Path), Has.None.EqualTo("/ok"));
    }

    [Test]
    public async Task Secret_that_was_kept_before_there_was_a_key_still_signs()
    {
        var (_, _) = await SubscribeAsync("/ok", "workflow_completed");
        var old = WebhookSignature.NewSecret();
        await _host.Host.InDb<OrchestrationDbContext>(db => db.Webhooks.ExecuteUpdateAsync(s => s.SetProperty(w => w.Secret, old)));
        await _host.StartRunAsync("straight");
        Assert.That((await _receiver.WhenAsync(all => all.Count >= 1))[0].IsSignedWith(old), Is.True);
    }

    [Test]
    public async Task Deleted_webhook_is_sent_nothing_more()
    {
        var (webhook, _) = await SubscribeAsync("/broken");
        await _host.StartRunAsync("straight");
        await _receiver.WhenAsync(all => all.Count >= 1);
        var (status, _) = await _host.SendAsync(HttpMethod.Delete, $"webhooks/{webhook}");

        Assert.That(status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await _host.SendAsync(HttpMethod.Get, $"webhooks/{webhook}/deliveries")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("ftp://example.com/")]
    [TestCase("http://example.com/", TestName = "Plain HTTP outside")]
    [TestCase("https://127.0.0.1/")]
    [TestCase("https://localhost/")]
    [TestCase("https://2130706433/", TestName = "Loopback as a number")]
    [TestCase("https://0x7f.1/", TestName = "Loopback in hexadecimal")]
    [TestCase("https://169.254.169.254/latest/meta-data")]
    [TestCase("https://10.1.2.3/")]
    [TestCase("https://100.64.0.1/")]
    [TestCase("https://[::1]/")]
    [TestCase("https://[::ffff:127.0.0.1]/")]
    [TestCase("https://[fd00::1]/")]
    [TestCase("https://[fe80::1]/")]
    [TestCase("https://[2002:7f00:1::]/", TestName = "Loopback by 6to4")]
    [TestCase("https://[64:ff9b::a00:1]/", TestName = "Private by NAT64")]
    [TestCase("https://user:secret@example.com/")]
    [TestCase("")]
    public async Task Address_that_mustnt_be_called_is_refused_at_once(string url)
    {
        var (status, problem) = await _host.SendAsync(HttpMethod.Post, "webhooks", new { url });

        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((string?)problem!["code"], Does.EndWith("_url"));
    }

    private async Task<(string Id, string Secret)> SubscribeAsync(string to, params string[] types)
    {
        var url = to.StartsWith('/') ? _receiver.Address + to : to;
        var (status, json) = await _host.SendAsync(HttpMethod.Post, "webhooks", new { url, event_types = types });
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), json?.ToJsonString());
        return ((string)json!["webhook"]!["webhook_id"]!, (string)json["secret"]!);
    }
}
