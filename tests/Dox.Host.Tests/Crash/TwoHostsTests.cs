using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Host.Demo.Samples;
using Dox.Testing.Processes;
using Dox.Testing.Servers;
using NUnit.Framework.Interfaces;

namespace Dox.Host.Tests.Crash;

/// <summary>
/// Two hosts on one PostgreSQL and one Redis take documents while now one and now the other is killed, and while the database and Redis are
/// killed too. Every document that was accepted comes to its end, and nothing happened twice.
/// </summary>
public sealed class TwoHostsTests
{
    private const int Senders = 3;

    private readonly HostProcess?[] _hosts = new HostProcess?[2];
    private DirectoryInfo _folder = null!;
    private PostgresServer _postgres = null!;
    private RedisServer _redis = null!;
    private Dictionary<string, string?> _variables = null!;

    [SetUp]
    public async Task StartServers()
    {
        _folder = Directory.CreateTempSubdirectory("dox-two-hosts-");
        _postgres = await PostgresServer.StartPrivateAsync(durable: true);
        _redis = await RedisServer.StartPrivateAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["appendonly"] = "yes" });
        // Where things are, and no more: that there are two of them needs no setting.
        _variables = new(StringComparer.Ordinal)
        {
            ["DOX_DATA_PATH"] = _folder.FullName,
            ["Dox__Database__ConnectionString"] = await _postgres.CreateDatabaseAsync(),
            ["Dox__Transport__Kind"] = "Redis",
            ["REDIS_HOST"] = _redis.Host,
            ["REDIS_PORT"] = _redis.Port.ToString(CultureInfo.InvariantCulture),
            ["CLAMAV_ENABLED"] = "false",
            ["RATE_LIMIT_PER_USER_PER_DAY"] = "100000",
            ["RATE_LIMIT_PER_ACCOUNT_PER_DAY"] = "100000",
        };
    }

    [TearDown]
    public async Task EndAll()
    {
        foreach (var host in _hosts)
        {
            if (host is null) continue;
            if (TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed) await TestContext.Out.WriteLineAsync(host.Output[Math.Max(0, host.Output.Length - 8000)..]);
            await host.DisposeAsync();
        }

        await _redis.DisposeAsync();
        await _postgres.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [TestCase(2, 2, TestName = "All_runs_end_and_nothing_is_doubled_while_a_host_is_killed_twice")]
    [TestCase(6, 10, TestName = "All_runs_end_and_nothing_is_doubled_while_a_host_is_killed_every_ten_seconds", Explicit = true, Category = "Long", Reason = "Takes minutes.")]
    public async Task All_runs_end_and_nothing_is_doubled(int kills, int seconds)
    {
        for (var i = 0; i < _hosts.Length; i++) _hosts[i] = await HostProcess.StartAsync(_variables);
        using var over = new CancellationTokenSource();
        var sending = Enumerable.Range(0, Senders).Select(sender => SendAsync(sender, over.Token)).ToList();
        using (var next = new PeriodicTimer(TimeSpan.FromSeconds(seconds)))
        {
            for (var kill = 0; kill < kills; kill++)
            {
                await next.WaitForNextTickAsync();
                if (kill == kills / 2) await RestartServersAsync();
                var victim = kill % _hosts.Length;
                await _hosts[victim]!.KillAsync();
                await _hosts[victim]!.DisposeAsync();
                _hosts[victim] = await HostProcess.StartAsync(_variables);
            }

            await next.WaitForNextTickAsync();
        }

        await over.CancelAsync();
        var sent = (await Task.WhenAll(sending)).SelectMany(s => s).ToList();
        var client = _hosts[0]!.Client;
        var wrong = new List<string>();
        foreach (var (document, sample) in sent)
        {
            var end = (string)(await client.AtRestAsync(document))["status"]!;
            if (end != (sample.Expectation == Ending.HumanReview ? "in_review" : "completed")) wrong.Add($"{document} ({sample.What}): {end}");
        }

        Assert.That(wrong, Is.Empty);
        Assert.That(sent, Has.Count.GreaterThan(Senders * kills), "There was load.");
        await Aftermath.AssertNothingIsDoubledAsync(client, [.. sent.Select(s => s.Document)], sent.Count(s => s.Sample.Expectation != Ending.HumanReview));
        await TestContext.Out.WriteLineAsync($"{sent.Count} documents, {kills} kills, {_hosts.Sum(h => Count(h!.Output, "Took over"))} hosts took runs over, PostgreSQL and Redis killed once.");
    }

    private async Task RestartServersAsync()
    {
        await _postgres.KillAsync();
        await _postgres.StartAsync();
        await _redis.KillAsync();
        await _redis.StartAsync();
    }

    /// <summary>Sends one document after the other, to whichever host answers, until it is told to stop; each until it is accepted.</summary>
    private async Task<List<(string Document, Sample Sample)>> SendAsync(int sender, CancellationToken over)
    {
        var accepted = new List<(string, Sample)>();
        for (var i = 0; !over.IsCancellationRequested; i++)
        {
            var seed = ((sender + 1) * 100_000) + i;
            var sample = (i % 5) switch
            {
                0 => SampleLibrary.EarlierInvoice(seed, TimeProvider.System),
                1 or 2 => SampleLibrary.Claim(seed, TimeProvider.System),
                _ => SampleLibrary.Invoice(seed, TimeProvider.System),
            };
            accepted.Add((await UntilAcceptedAsync(sample, $"{sender}-{i}", sender + i), sample));
        }

        return accepted;
    }

    private async Task<string> UntilAcceptedAsync(Sample sample, string key, int first)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var answers = new ConcurrentQueue<string>();
        for (var attempt = first; !limit.IsCancellationRequested; attempt++)
        {
            try
            {
                var (status, body) = await PostAsync(_hosts[attempt % _hosts.Length]!.Client, sample, key, limit.Token);
                if (status == HttpStatusCode.Accepted) return (string)body["document_id"]!;
                answers.Enqueue($"{status} {body}");
            }
            // A host that dies, is dead, or hasn't answered: the same document goes to the other one, with the same key
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or System.Text.Json.JsonException)
            {
                answers.Enqueue(e.Message);
            }

            await pause.WaitForNextTickAsync();
        }

        throw new TimeoutException($"{key} wasn't accepted:{Environment.NewLine}{string.Join(Environment.NewLine, answers.TakeLast(5))}");
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(HttpClient client, Sample sample, string key, CancellationToken cancellationToken)
    {
        using var form = new MultipartFormDataContent();
        var file = new ByteArrayContent(sample.Content);
        file.Headers.ContentType = new MediaTypeHeaderValue(sample.MediaType);
        form.Add(file, "file", sample.FileName);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/documents") { Content = form, Headers = { { "Idempotency-Key", key } } };
        using var response = await client.SendAsync(request, cancellationToken);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!);
    }

    private static int Count(string text, string word) => text.Split(word).Length - 1;
}
