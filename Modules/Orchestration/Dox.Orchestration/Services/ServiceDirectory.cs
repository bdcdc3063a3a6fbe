using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Services;

/// <summary>The services that are configured: those that are modules, by their module's name, and those that are reached over HTTP.</summary>
internal sealed class ServiceDirectory(IOptions<ServiceOptions> options, TimeProvider clock) : IDisposable
{
    private readonly Dictionary<string, HttpService> _http = options.Value.All.Where(s => s.Value.Url is not null)
        .ToDictionary(s => s.Key, s => new HttpService(s.Key, s.Value, clock), StringComparer.Ordinal);

    public IEnumerable<string> Names => options.Value.All.Keys;

    /// <summary>The module that answers for the service; null: none does.</summary>
    public string? ModuleOf(string name) => options.Value.All.GetValueOrDefault(name)?.Module;

    /// <summary>The service, where it is reached over HTTP.</summary>
    public HttpService? Find(string name) => _http.GetValueOrDefault(name);

    public void Dispose()
    {
        foreach (var service in _http.Values) service.Dispose();
    }
}
