using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Tests.Uploads;

/// <summary>What the server made of a body: the answer's status, the fault's code or what was read.</summary>
internal sealed record Taken(int Status, string? Code, string? Name = null, string? Declared = null, string? MediaType = null, long Length = 0, IReadOnlyDictionary<string, string>? Fields = null)
{
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>Kestrel with the upload reader behind it and nothing else.</summary>
internal sealed class UploadServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dox-uploads-");

    private UploadServer(long maxBytes, UploadOptions options, TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(new UploadGate(Options.Create(options), clock));
        _app = builder.Build();
        var store = new LocalContentStore(Options.Create(new ContentOptions { Path = _folder.FullName }), TimeProvider.System);
        _app.MapPost("/", async (HttpRequest request, CancellationToken cancellationToken) =>
        {
            try
            {
                var upload = await UploadReader.ReadAsync(request, store, Id<Document>.New(TimeProvider.System), maxBytes, cancellationToken);
                return Results.Json(new Taken(200, null, upload.SubmittedName, upload.DeclaredMediaType, upload.MediaType, upload.Content.Length, upload.Fields));
            }
            catch (DoxException e)
            {
                return Results.Json(new Taken(e.Status, e.Code) { RetryAfter = e.RetryAfter });
            }
        });
    }

    public HttpClient Client { get; } = new();

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public IEnumerable<string> Staged => _folder.EnumerateFiles("*", SearchOption.AllDirectories).Select(f => f.Name);

    public static async Task<UploadServer> StartAsync(long maxBytes, UploadOptions? options = null, TimeProvider? clock = null)
    {
        var server = new UploadServer(maxBytes, options ?? new UploadOptions(), clock ?? TimeProvider.System);
        await server._app.StartAsync();
        server.Client.BaseAddress = new Uri(server.Address);
        return server;
    }

    public async Task<Taken> SendAsync(HttpContent content, bool chunked = false, Action<HttpRequestMessage>? change = null, string query = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/{query}") { Content = content };
        if (chunked)
        {
            request.Headers.TransferEncodingChunked = true;
            content.Headers.ContentLength = null;
        }

        change?.Invoke(request);
        using var response = await Client.SendAsync(request);
        return (await response.Content.ReadFromJsonAsync<Taken>())!;
    }

    /// <summary>A form whose parts are written as they stand, so that they can be wrong.</summary>
    public static ByteArrayContent Form(params (string Headers, byte[] Body)[] parts)
    {
        using var body = new MemoryStream();
        foreach (var (headers, content) in parts)
        {
            body.Write(Encoding.UTF8.GetBytes($"--b\r\n{headers}\r\n\r\n"));
            body.Write(content);
            body.Write("\r\n"u8);
        }

        body.Write("--b--\r\n"u8);
        var form = new ByteArrayContent(body.ToArray());
        form.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        return form;
    }

    public static (string Headers, byte[] Body) File(string name, byte[]? body = null, string part = "file") =>
        ($"Content-Disposition: form-data; name=\"{part}\"; filename=\"{name}\"\r\nContent-Type: application/PDF; x=y", body ?? "%PDF-1.7"u8.ToArray());

    public static (string Headers, byte[] Body) Field(string name, byte[] value) => ($"Content-Disposition: form-data; name=\"{name}\"", value);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
