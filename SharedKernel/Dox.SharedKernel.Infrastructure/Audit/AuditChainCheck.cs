using System.Runtime.CompilerServices;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.SharedKernel.Infrastructure.Audit;

/// <summary>Checks a module's audit.</summary>
internal sealed class AuditChainCheck(string module, IServiceScopeFactory scopes, ModuleDatabases databases) : IChainCheck
{
    public string Name => $"{module} audit";

    public async IAsyncEnumerable<ChainFinding> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var check = await AuditTrail.CheckAsync((IAudited)databases.ContextOf(scope.ServiceProvider, module), cancellationToken);
        if (check.Problem is not null) yield return new ChainFinding("audit", check.BrokenAt, check.Problem);
        yield return new ChainFinding("audit", 0, null, Chains: 1, Entries: check.Length, check.Hash);
    }
}
