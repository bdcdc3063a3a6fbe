using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Modules;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Transport;

/// <summary>Picks the way to a module: the process itself where it hosts the module, else Redis.</summary>
internal sealed class TransportRouter(ModuleSet modules, InProcessTransport inProcess, IOptions<TransportOptions> options, IRemoteTransport? remote = null)
{
    public ITransport To(string module)
    {
        if (modules.Hosts(module) && !options.Value.AlwaysRemote) return inProcess;
        return remote
            ?? throw DoxException.Unavailable("module_not_here", $"The module {module} runs in another process, and no transport is configured to reach it.");
    }
}

/// <summary>A transport that leaves the process.</summary>
internal interface IRemoteTransport : ITransport;
