using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Orchestration.Engine.MemoryBanks;

/// <summary>What the memory banks are to be told of a run's end, until they were. Written with the end, so that no run is left out and none told of twice.</summary>
internal sealed class BankNote
{
    public required Id<Workflow> WorkflowId { get; init; }

    /// <summary>The journal's length at that end: a run that was reopened ends again.</summary>
    public required int Sequence { get; init; }

    /// <summary>An <c>UpdateMemoryBanks</c> as JSON.</summary>
    public required string Body { get; init; }

    internal sealed class Map : IEntityTypeConfiguration<BankNote>
    {
        public void Configure(EntityTypeBuilder<BankNote> builder)
        {
            builder.ToTable("bank_notes");
            builder.HasKey(n => new { n.WorkflowId, n.Sequence });
        }
    }
}
