using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Outbox;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>What a module's context needs of the kernel. Scoped.</summary>
public sealed class ModuleDbServices
{
    internal ModuleDbServices(
        ModuleSet modules, MessageCatalog catalog, CallContext call, SqliteWriteGate gate, OutboxSignals signals, OutboxMessages messages, OpenWrites writes) =>
        (Modules, Catalog, Call, Gate, Signals, Messages, Writes) = (modules, catalog, call, gate, signals, messages, writes);

    internal ModuleSet Modules { get; }

    internal MessageCatalog Catalog { get; }

    internal CallContext Call { get; }

    internal SqliteWriteGate Gate { get; }

    internal OutboxSignals Signals { get; }

    internal OutboxMessages Messages { get; }

    internal OpenWrites Writes { get; }
}
