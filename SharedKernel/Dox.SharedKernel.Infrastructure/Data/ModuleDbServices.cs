using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Outbox;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>What a module's context needs of the kernel. Scoped.</summary>
public sealed class ModuleDbServices
{
    internal ModuleDbServices(
        ModuleSet modules, MessageCatalog catalog, CallContext call, SqliteWriteGate gate, OutboxSignals signals, OpenWrites writes, TimeProvider clock) =>
        (Modules, Catalog, Call, Gate, Signals, Writes, Clock) = (modules, catalog, call, gate, signals, writes, clock);

    internal ModuleSet Modules { get; }

    internal MessageCatalog Catalog { get; }

    internal CallContext Call { get; }

    internal SqliteWriteGate Gate { get; }

    internal OutboxSignals Signals { get; }

    internal OpenWrites Writes { get; }

    internal TimeProvider Clock { get; }
}
