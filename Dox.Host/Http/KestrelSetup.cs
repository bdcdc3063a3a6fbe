using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Dox.Host.Http;

/// <summary>How requests reach the host.</summary>
internal static class KestrelSetup
{
    private const long ReadAhead = 256 * 1024;

    // Boundaries and fields of a multipart body. The file itself is measured to the byte by who reads it.
    private const long Margin = 1024 * 1024;

    public static void AddKestrel(this WebApplicationBuilder builder, HttpOptions options)
    {
        var largest = builder.Configuration.GetValue("Dox:Validation:MaxFileSizeMb", 50L) * 1024 * 1024;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = largest + Margin;
            // What is read ahead of us; of its usual megabyte two hundred uploads would make two hundred
            kestrel.Limits.MaxRequestBufferSize = ReadAhead;
            foreach (var port in options.Ports)
            {
                if (options.Address == "*") kestrel.ListenAnyIP(port);
                else kestrel.Listen(IPAddress.Parse(options.Address), port);
            }
        });
        // A body is read in blocks of 4 KB: to ask before each whether there is something to read doubles the calls, and saves a connection at rest those 4 KB
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.WaitForDataBeforeAllocatingBuffer = false);
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in options.TrustedProxies) forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
        });
    }

    // Without a known proxy the middleware would believe everybody.
    public static void UseTrustedProxies(this IApplicationBuilder app, HttpOptions options)
    {
        if (options.TrustedProxies.Count > 0) app.UseForwardedHeaders();
    }
}
