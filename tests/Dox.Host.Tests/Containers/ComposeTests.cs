using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dox.Host.Demo.Samples;
using Dox.Testing;
using Dox.Testing.Servers;

namespace Dox.Host.Tests.Containers;

/// <summary>The image and deploy/compose.yaml, built and run as an operator does.</summary>
[TestFixture]
[Category("Docker")]
public sealed class ComposeTests
{
    private ComposeProject? _project;
    private HttpClient? _client;

    private ComposeProject Project => _project!;

    private HttpClient Client => _client!;

    [OneTimeSetUp]
    public async Task Up()
    {
        await DockerEngine.RequireAsync();
        _project = new ComposeProject();
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_project.Port}"), Timeout = TimeSpan.FromSeconds(30) };
        _client.DefaultRequestHeaders.Add("X-API-Key", _project.ApiKey);
        await _project.UpAsync();
        await WhenReadyAsync();
    }

    [OneTimeTearDown]
    public async Task Down()
    {
        _client?.Dispose();
        if (_project is null)
            return;
        await TestContext.Out.WriteLineAsync(await _project.LogAsync());
        await _project.DisposeAsync();
    }

    [Test]
    public async Task An_uploaded_invoice_is_recognised_and_kept()
    {
        var invoice = SampleLibrary.Invoice(1, TimeProvider.System);

        using var answer = await UploadAsync(invoice);
        var body = await answer.Content.ReadAsStringAsync();

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), body);
        var id = JsonDocument.Parse(body).RootElement.GetProperty("document_id").GetString();
        JsonElement status = default;
        await UntilAsync("the run is at rest", async () =>
        {
            status = await Client.GetFromJsonAsync<JsonElement>($"/api/v1/documents/{id}/status");
            return status.GetProperty("at_rest").GetBoolean();
        });
        Assert.That(status.GetProperty("status").GetString(), Is.EqualTo("completed"), status.ToString());
        Assert.That(await Client.GetByteArrayAsync($"/api/v1/documents/{id}/content"), Is.EqualTo(invoice.Content));
    }

    [Test]
    public async Task The_scanner_beside_it_stops_the_test_virus()
    {
        using var answer = await UploadAsync(SampleLibrary.TestVirus(2, TimeProvider.System));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("infected"));
    }

    [Test]
    public async Task Nobody_gets_in_without_the_key()
    {
        using var stranger = new HttpClient { BaseAddress = Client.BaseAddress };

        using var answer = await stranger.GetAsync("/api/v1/documents");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Nothing_in_the_container_runs_as_root()
    {
        var container = await Project.ContainerAsync("dox");

        Assert.That(await ComposeProject.DockerAsync("exec", container, "id", "-u"), Is.EqualTo("1654"));
        Assert.That((await ComposeProject.DockerAsync("top", container, "-eo", "uid,pid")).Split('\n').Skip(1).Select(line => line.Trim().Split(' ')[0]), Is.All.EqualTo("1654"));
    }

    [Test]
    public async Task Docker_sees_it_healthy()
    {
        var container = await Project.ContainerAsync("dox");

        await UntilAsync("Docker says healthy", async () =>
            await ComposeProject.DockerAsync("inspect", "--format", "{{.State.Health.Status}}", container) == "healthy");
    }

    [TestCase("API_KEY")]
    [TestCase("POSTGRES_PASSWORD")]
    public void A_production_start_refuses_the_secrets_of_the_example(string name)
    {
        var example = File.ReadLines(Path.Combine(Repository.Root, "deploy", ".env.example")).Single(line => line.StartsWith($"{name}=", StringComparison.Ordinal));

        Assert.That(
            () => ComposeProject.DockerAsync(
                "run", "--rm", "--env", "SERVICE_ENV=production", "--env", "REQUIRE_AUTH=true", "--env", $"API_KEY={Project.ApiKey}",
                "--env", "POSTGRES_HOST=postgres", "--env", example, ComposeProject.Image),
            Throws.InvalidOperationException.With.Message.Contains(name));
    }

    [Test]
    public async Task It_stops_in_order_within_ten_seconds_and_starts_again()
    {
        var container = await Project.ContainerAsync("dox");
        var clock = Stopwatch.StartNew();

        await ComposeProject.DockerAsync("stop", container);
        var elapsed = clock.Elapsed;
        var code = await ComposeProject.DockerAsync("inspect", "--format", "{{.State.ExitCode}}", container);
        await ComposeProject.DockerAsync("start", container);
        await WhenReadyAsync();

        Assert.That(elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
        Assert.That(int.Parse(code, CultureInfo.InvariantCulture), Is.Zero, "137 would mean that it had to be killed");
    }

    private async Task<HttpResponseMessage> UploadAsync(Sample sample)
    {
        using var file = new ByteArrayContent(sample.Content);
        file.Headers.ContentType = new(sample.MediaType);
        using var form = new MultipartFormDataContent { { file, "file", sample.FileName } };
        return await Client.PostAsync("/api/v1/documents", form);
    }

    private Task WhenReadyAsync() => UntilAsync("DOX is ready", async () =>
    {
        try
        {
            using var answer = await Client.GetAsync("/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // the port is open before the process listens behind it
        }
    });

    private async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!await holds())
        {
            if (limit.IsCancellationRequested)
                Assert.Fail($"Not within two minutes: {what}.\n{await Project.LogAsync()}");
            await tick.WaitForNextTickAsync();
        }
    }
}
