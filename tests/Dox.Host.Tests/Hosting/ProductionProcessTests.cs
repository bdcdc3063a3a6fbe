using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Dox.Host.Demo.Samples;
using Dox.Testing.Processes;

namespace Dox.Host.Tests.Hosting;

/// <summary>DOX as it is deployed: in production, in a process of its own, told to stop while it is at work.</summary>
public sealed class ProductionProcessTests
{
    private const string Key = "0c9d2b8f6a1e4d7b93c5";

    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("dox-production-");

    [TearDown]
    public void DropFolder() => _folder.Delete(recursive: true);

    [Test]
    public async Task Upload_under_way_is_answered_after_SIGTERM_and_the_log_is_lines_of_JSON_with_the_trace()
    {
        await using var host = await HostProcess.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["SERVICE_ENV"] = "production",
            ["API_KEY"] = Key,
            ["CLAMAV_ENABLED"] = "false",
            ["DOX_DATA_PATH"] = _folder.FullName,
            ["LOG_LEVEL"] = "debug",
        });
        var pdf = SampleLibrary.All(1, TimeProvider.System).First(s => s.MediaType == "application/pdf").Content;
        using var connection = new TcpClient();
        await connection.ConnectAsync(host.Client.BaseAddress!.Host, host.Client.BaseAddress.Port);
        await using var line = connection.GetStream();
        await line.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/v1/documents?filename=a.pdf HTTP/1.1\r\nHost: dox\r\nX-API-Key: {Key}\r\nConnection: close\r\nContent-Length: {pdf.Length}\r\n\r\n"));
        await line.WriteAsync(pdf.AsMemory(0, pdf.Length / 2));
        using var wrong = await host.Client.GetAsync(new Uri("/api/v1/documents/4711", UriKind.Relative));

        var stopping = host.StopAsync();
        await host.WhenItSaysAsync("Application is shutting down", TimeSpan.FromSeconds(30));
        await line.WriteAsync(pdf.AsMemory(pdf.Length / 2));
        using var reader = new StreamReader(line);
        var answer = await reader.ReadToEndAsync();
        var took = await stopping;

        Assert.That(answer, Does.StartWith("HTTP/1.1 202 "), host.Output);
        Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(10)));
        Assert.That(host.Output, Does.Not.Contain(Key), "A key is never logged.");
        using (Assert.EnterMultipleScope())
        {
            foreach (var written in host.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries))
                Assert.That(() => JsonDocument.Parse(written).RootElement.GetProperty("LogLevel").GetString(), Is.Not.Empty, written);
        }

        Assert.That(host.Output.Split(Environment.NewLine), Has.Some.Matches("request_id.*TraceId|TraceId.*request_id"), "Lines of a request name it and its trace.");
    }
}
