using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Dox.Testing.Processes;

/// <summary>A span as a process exported it.</summary>
/// <param name="Service">The process's service name and instance, as far as it says.</param>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="Name">The span's name.</param>
public sealed record ExportedSpan(string Service, string TraceId, string Name);

/// <summary>Stands where a tracing back end would: takes spans by OTLP over HTTP and keeps what a test asks for.</summary>
public sealed class SpanCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<ExportedSpan> _spans = new();
    private readonly WebApplication _app;

    private SpanCollector(WebApplication app) => _app = app;

    public IReadOnlyCollection<ExportedSpan> Spans => _spans;

    /// <summary>What <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> must say.</summary>
    public string Address => _app.Urls.Single();

    public static async Task<SpanCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var collector = new SpanCollector(app);
        app.MapPost("/v1/traces", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            foreach (var span in ReadRequest(body.ToArray())) collector._spans.Enqueue(span);
            return Results.Bytes(ReadOnlyMemory<byte>.Empty, "application/x-protobuf");
        });
        await app.StartAsync();
        return collector;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    // ExportTraceServiceRequest { 1: ResourceSpans { 1: Resource { 1: KeyValue { 1: key, 2: AnyValue { 1: text } } }, 2: ScopeSpans { 2: Span { 1: trace id, 5: name } } } }
    private static IEnumerable<ExportedSpan> ReadRequest(byte[] request) =>
        from resourceSpans in Parts(request, 1)
        let service = string.Join(' ', from resource in Parts(resourceSpans, 1)
                                       from attribute in Parts(resource, 1)
                                       where Text(attribute, 1).StartsWith("service.", StringComparison.Ordinal)
                                       select Text(Parts(attribute, 2).First(), 1))
        from scopeSpans in Parts(resourceSpans, 2)
        from span in Parts(scopeSpans, 2)
        select new ExportedSpan(service, Convert.ToHexStringLower(Parts(span, 1).First()), Text(span, 5));

    private static string Text(byte[] message, int field) => Parts(message, field).Select(System.Text.Encoding.UTF8.GetString).FirstOrDefault() ?? "";

    /// <summary>The length-delimited parts of a message with that field number.</summary>
    private static List<byte[]> Parts(byte[] message, int field)
    {
        var parts = new List<byte[]>();
        var input = new CodedInputStream(message);
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                parts.Add(input.ReadBytes().ToByteArray());
            else
                input.SkipLastField();
        }

        return parts;
    }
}
