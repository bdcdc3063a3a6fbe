using System.Data.Common;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Inbox;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.SharedKernel.Messages;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>
/// A module's state with its outbox and inbox. A derived class for PostgreSQL holds the module's sets; one derived from that, empty,
/// stands for SQLite and has migrations of its own.
/// </summary>
/// <param name="options">Of the derived context.</param>
/// <param name="services">Of the kernel; null when <c>dotnet ef</c> makes the context.</param>
public abstract class ModuleDbContext(DbContextOptions options, ModuleDbServices? services) : DbContext(options)
{
    private WriteTransaction? _write;
    private bool _holdCommit;
    private bool _joinWrites;
    private bool _raised;
    private List<Action>? _afterCommit;

    /// <summary>What waits to leave the module.</summary>
    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();

    /// <summary>What the module has committed of what came to it.</summary>
    public DbSet<InboxMessage> Inbox => Set<InboxMessage>();

    /// <summary>The schema on PostgreSQL, and the file's name on SQLite.</summary>
    protected abstract string Schema { get; }

    /// <summary>The schema that the audit's tables lie in; null on SQLite, which has none.</summary>
    internal string? AuditSchema => IsSqlite ? null : Schema;

    /// <summary>The outbox's table, as statements name it.</summary>
    internal string OutboxTable => Model.FindEntityType(typeof(OutboxMessage))!.GetSchemaQualifiedTableName()!;

    internal bool IsSqlite => Database.ProviderName?.EndsWith("Sqlite", StringComparison.Ordinal) == true;

    private ModuleDbServices Services =>
        services ?? throw new InvalidOperationException("This context was made for migrations and can't be used.");

    /// <summary>Tells the event to every module that hears it, once the change that it tells of is committed.</summary>
    public void Raise(IIntegrationEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        Put(happened, Services.Catalog.SubscribersOf(happened.GetType()), Services.Call.Caller);
    }

    /// <summary>
    /// Sends the command to its module, once what is written with it is committed. Its answer is not waited for. It is DOX that sends it, on
    /// behalf of who asked: that one was let do what led to it, and often nobody asks any more, as when a run goes on after a restart.
    /// </summary>
    /// <param name="command">A contract of another module.</param>
    /// <param name="onBehalfOf">Who asked; null: whose call this scope serves.</param>
    public void Enqueue(ICommand command, Caller? onBehalfOf = null)
    {
        ArgumentNullException.ThrowIfNull(command);
        Put(command, [Services.Catalog.Of(command.GetType()).Owner], (onBehalfOf ?? Services.Call.Caller).AsSystem());
    }

    /// <summary>
    /// Does something once what this scope writes next is committed, whoever commits it: wakes somebody who waits for it. Nothing that must
    /// not be lost: a process may die between the commit and this.
    /// </summary>
    public void AfterCommit(Action hint) => (_afterCommit ??= []).Add(hint);

    /// <summary>
    /// Opens a transaction that writes; <c>SaveChanges</c> within it joins. On SQLite it is the file's only one. Hold it for as long as
    /// the writing takes, never across I/O. In the handler of an event or a one-way command it is a part of the kernel's transaction, which
    /// commits after the handler; in the handler of a request it commits by itself.
    /// </summary>
    public async Task<WriteTransaction> BeginWriteAsync(CancellationToken cancellationToken)
    {
        if (_joinWrites)
        {
            _write ??= await OpenWriteAsync(cancellationToken);
            return await _write.JoinAsync(ChangeTracker.Clear, cancellationToken);
        }

        if (_write is not null) throw new InvalidOperationException("A transaction is open already.");
        return _write = await OpenWriteAsync(cancellationToken);
    }

    private async Task<WriteTransaction> OpenWriteAsync(CancellationToken cancellationToken)
    {
        var gate = await EnterAsync(cancellationToken);
        try
        {
            var transaction = await Database.BeginTransactionAsync(cancellationToken);
            Services.Writes.Opened();
            return new WriteTransaction(transaction, gate, Closed);
        }
        catch
        {
            gate?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        if (_holdCommit && _write is null) _write = await OpenWriteAsync(cancellationToken);
        if (_write is not null) return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);

        using var gate = await EnterAsync(cancellationToken);
        var saved = await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        Signal();
        return saved;
    }

    /// <inheritdoc/>
    public override int SaveChanges(bool acceptAllChangesOnSuccess) =>
        throw new NotSupportedException("Saving waits for the file's gate: await SaveChangesAsync.");

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_write is not null) await _write.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>From now on <c>SaveChanges</c> opens a transaction and leaves it open, until <see cref="CommitHeldAsync"/>.</summary>
    /// <param name="joinsWrites">Whether <see cref="BeginWriteAsync"/> joins that transaction, and doesn't commit by itself.</param>
    internal void HoldCommit(bool joinsWrites = false) => (_holdCommit, _joinWrites) = (true, joinsWrites);

    /// <summary>The transaction that is held since <see cref="HoldCommit"/>, opened where nothing was saved yet, for what is written beside EF.</summary>
    internal async Task<DbTransaction> HeldTransactionAsync(CancellationToken cancellationToken)
    {
        _write ??= await OpenWriteAsync(cancellationToken);
        return Database.CurrentTransaction!.GetDbTransaction();
    }

    /// <summary>Commits what was saved since <see cref="HoldCommit"/>.</summary>
    internal async Task CommitHeldAsync(CancellationToken cancellationToken)
    {
        _holdCommit = _joinWrites = false;
        if (_write is not { } write) return;
        await write.CommitAsync(cancellationToken);
        await write.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder.AddIdConversions();
        if (IsSqlite) configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        if (!IsSqlite) modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.ApplyConfiguration(new OutboxMessage.Map());
        modelBuilder.ApplyConfiguration(new InboxMessage.Map());
        if (this is IAudited)
        {
            modelBuilder.ApplyConfiguration(new AuditEntry.Map());
            modelBuilder.ApplyConfiguration(new AuditHead.Map());
        }

        // The set's own assembly: entities lie beside their mapping there, nested, internal.
        modelBuilder.ApplyConfigurationsFromAssembly(GetType().Assembly);
        modelBuilder.NameInSnakeCase();
    }

    private void Put(object message, IReadOnlyList<string> targets, Caller sender)
    {
        if (targets.Count == 0) return;
        Outbox.AddRange(Services.Messages.Of(message, targets, sender));
        _raised = true;
    }

    /// <summary>Waits until nobody else in this process writes to the file; null where the database has no such limit.</summary>
    internal async Task<IDisposable?> EnterAsync(CancellationToken cancellationToken) =>
        IsSqlite ? await Services.Gate.EnterAsync(Schema, cancellationToken) : null;

    private void Closed(bool committed)
    {
        _write = null;
        Services.Writes.Closed();
        if (committed)
        {
            Signal();
            return;
        }

        _afterCommit = null;
        ChangeTracker.Clear();
    }

    private void Signal()
    {
        var hints = _afterCommit;
        _afterCommit = null;
        foreach (var hint in hints ?? []) hint();
        if (!_raised) return;
        _raised = false;
        if (Services.Modules.OwnerOf(GetType()) is { } module) Services.Signals.Raise(module);
    }
}
