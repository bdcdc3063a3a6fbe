using Dox.Client;

namespace Dox.Host.CommandLine.Server;

/// <summary>The server that verbs ask: <c>DOX_URL</c>, and who asks: <c>DOX_API_KEY</c>.</summary>
internal sealed class ServerAddress(IReadOnlyDictionary<string, string?> variables)
{
    private const string Usual = "http://localhost:5000";

    /// <exception cref="FormatException"><c>DOX_URL</c> is no address.</exception>
    public HttpClient Connect()
    {
        var address = variables.GetValueOrDefault("DOX_URL") is { Length: > 0 } given ? given : Usual;
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? DoxClient.Connect(uri, variables.GetValueOrDefault("DOX_API_KEY"))
            : throw new FormatException($"DOX_URL is '{address}'; it must be an address such as {Usual}.");
    }
}
