using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>A memory bank's file shows updates that it didn't show before; those of a moment are written, and told, together.</summary>
/// <param name="File">The bank, for example <c>SUPERVISOR.json</c>. The execution log isn't told of: what it holds the runs' own events say. Nor is the bank of events.</param>
/// <param name="Source">Which database the updates came from: batches are counted by it.</param>
/// <param name="Batch">The newest one that the file shows.</param>
/// <param name="Updates">How many updates were written.</param>
/// <param name="Keys">Which keys at the top they named, at most fifty.</param>
/// <param name="At">When, UTC.</param>
[MessageName("team-coordination.memory-bank-written.v1")]
public sealed record MemoryBankWritten(string File, string Source, long Batch, int Updates, IReadOnlyList<string> Keys, DateTimeOffset At) : IIntegrationEvent;
