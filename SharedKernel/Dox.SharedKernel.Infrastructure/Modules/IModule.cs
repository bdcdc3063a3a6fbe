using System.Reflection;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Dox.SharedKernel.Infrastructure.Modules;

/// <summary>A module: what the host needs to know of it, and all that is public of its assembly.</summary>
public interface IModule
{
    /// <summary>For example <c>Validation</c>; the value that <c>Dox:Modules</c> lists.</summary>
    string Name { get; }

    /// <summary>The assembly with its contract messages.</summary>
    Assembly Contracts { get; }

    /// <summary>Registers its services. Handlers and validators are registered by the kernel.</summary>
    void AddServices(IHostApplicationBuilder builder);

    /// <summary>Maps its slices, one line each, relative to <c>/api/v1</c>.</summary>
    void MapEndpoints(IEndpointRouteBuilder api);
}
