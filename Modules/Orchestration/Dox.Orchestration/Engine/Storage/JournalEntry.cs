using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.SharedKernel;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Interpretation;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Orchestration.Engine.Storage;

/// <summary>What a line of the journal tells.</summary>
internal enum JournalKind
{
    /// <summary>An attempt of a step, an answer to its wait, or that it was passed over.</summary>
    Attempt,

    /// <summary>An operator's act.</summary>
    Operator,

    /// <summary>What a step did was undone, or an attempt at that failed.</summary>
    Compensation,
}

/// <summary>One attempt of a step, or one act of an operator, for good: each entry's hash covers the one before it.</summary>
internal sealed class JournalEntry
{
    private const int LongestDecision = 1000;

    public required Id<Workflow> WorkflowId { get; init; }

    /// <summary>From 1, without gaps.</summary>
    public required int Sequence { get; init; }

    public required int Bucket { get; init; }

    public JournalKind Kind { get; init; }

    /// <summary>The step; for an operator's act the one that the run stood at, or nothing.</summary>
    public required string Step { get; init; }

    /// <summary>The step's action, its compensation's, or the operator's verb.</summary>
    public required string Action { get; init; }

    /// <summary>The operator; null for what is the run's own.</summary>
    public string? Actor { get; init; }

    public required int Visit { get; init; }

    public required int Attempt { get; init; }

    public required StepStatus Status { get; init; }

    /// <summary>Where the run stood after it: what subscribers are told of the run's life follows from this.</summary>
    public required RunStatus RunStatus { get; init; }

    public string? Input { get; init; }

    public string? Output { get; init; }

    public string? Error { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required double DurationMs { get; init; }

    public required int RuleLine { get; init; }

    /// <summary>Why the run goes where it goes next; for an operator's act his reason.</summary>
    public string? Decision { get; init; }

    public int? DecisionLine { get; init; }

    /// <summary>SHA-256 of this entry and the hash before it; that of the first covers none.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>The next entry of a journal that ends with <paramref name="previousHash"/>.</summary>
    public static JournalEntry Following(byte[] previousHash, int sequence, RunHeader run, StepAttempt attempt, RunStatus runStatus) => new JournalEntry
    {
        WorkflowId = run.Id,
        Sequence = sequence,
        Bucket = run.Bucket,
        Kind = attempt.Undoes ? JournalKind.Compensation : JournalKind.Attempt,
        Step = attempt.Step,
        Action = attempt.Action,
        Visit = attempt.Visit,
        Attempt = attempt.Attempt,
        Status = attempt.Status,
        RunStatus = runStatus,
        Input = Text(attempt.Input),
        Output = Text(attempt.Output),
        Error = ErrorText(attempt.Error),
        StartedAt = ToMicroseconds(attempt.StartedAt),
        DurationMs = attempt.DurationMs,
        RuleLine = attempt.RuleLine,
        Decision = Shorten(attempt.Decision),
        DecisionLine = attempt.DecisionLine,
    }.Sealed(previousHash);

    /// <summary>An operator's act as the next entry of a journal that ends with <paramref name="previousHash"/>.</summary>
    public static JournalEntry Following(byte[] previousHash, int sequence, RunHeader run, OperatorAct act, RunStatus runStatus) => new JournalEntry
    {
        WorkflowId = run.Id,
        Sequence = sequence,
        Bucket = run.Bucket,
        Kind = JournalKind.Operator,
        Step = act.Step ?? "",
        Action = act.Verb,
        Actor = act.By,
        Visit = 0,
        Attempt = 0,
        Status = StepStatus.Success,
        RunStatus = runStatus,
        Input = Text(act.Details),
        StartedAt = ToMicroseconds(act.At),
        DurationMs = 0,
        RuleLine = 0,
        Decision = Shorten(act.Reason),
    }.Sealed(previousHash);

    /// <summary>The hash that this entry must have after one that has <paramref name="previousHash"/>.</summary>
    public byte[] ExpectedHash(byte[] previousHash)
    {
        var hash = new EntryHash();
        try
        {
            hash.Add(previousHash);
            hash.Add(WorkflowId.Value);
            hash.Add(Sequence);
            hash.Add((int)Kind);
            hash.Add(Step);
            hash.Add(Action);
            hash.Add(Actor);
            hash.Add(Visit);
            hash.Add(Attempt);
            hash.Add((int)Status);
            hash.Add((int)RunStatus);
            hash.Add(Input);
            hash.Add(Output);
            hash.Add(Error);
            hash.Add(StartedAt.UtcTicks);
            hash.Add(BitConverter.DoubleToInt64Bits(DurationMs));
            hash.Add(RuleLine);
            hash.Add(Decision);
            hash.Add(DecisionLine ?? -1);
            return hash.ToBytes();
        }
        finally
        {
            hash.Dispose();
        }
    }

    /// <summary>Whether the entries are all of a journal's first ones, or all that follow one, as they were written.</summary>
    /// <param name="journal">In their order.</param>
    /// <param name="before">The one before them; null: they are the first.</param>
    public static bool IsChained(IEnumerable<JournalEntry> journal, JournalEntry? before = null)
    {
        var (previous, sequence) = (before?.Hash ?? [], before?.Sequence ?? 0);
        foreach (var entry in journal)
        {
            if (entry.Sequence != ++sequence || !entry.Hash.AsSpan().SequenceEqual(entry.ExpectedHash(previous))) return false;
            previous = entry.Hash;
        }

        return true;
    }

    private JournalEntry Sealed(byte[] previousHash)
    {
        Hash = ExpectedHash(previousHash);
        return this;
    }

    // PostgreSQL keeps no more; a hash over more would never be met again.
    private static DateTimeOffset ToMicroseconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    private static string? Shorten(string? text) => ColumnText.Of(text, LongestDecision);

    private static string? Text(JsonNode? node) => node?.ToJsonString(DoxJson.Options);

    private static string? ErrorText(StepError? error) => error is null ? null : JsonSerializer.Serialize(error, DoxJson.Options);

    internal sealed class Map : IEntityTypeConfiguration<JournalEntry>
    {
        public void Configure(EntityTypeBuilder<JournalEntry> builder)
        {
            builder.ToTable("journal");
            builder.HasKey(e => new { e.WorkflowId, e.Sequence });
            builder.Property(e => e.Kind).HasConversion<string>().HasMaxLength(20);
            builder.Property(e => e.Step).HasMaxLength(200);
            builder.Property(e => e.Action).HasMaxLength(100);
            builder.Property(e => e.Actor).HasMaxLength(200);
            builder.Property(e => e.Status).HasConversion<string>().HasMaxLength(30);
            builder.Property(e => e.RunStatus).HasConversion<string>().HasMaxLength(30);
            builder.Property(e => e.Decision).HasMaxLength(LongestDecision);
            builder.Property(e => e.Hash).HasMaxLength(32);
        }
    }
}

/// <summary>What an operator did to a run.</summary>
/// <param name="Verb"><c>pause</c>, <c>resume</c>, <c>cancel</c>, <c>retry</c>, <c>skip</c>, <c>alter</c>, <c>replay</c>.</param>
/// <param name="By">Who.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Reason">Why, in the operator's words.</param>
/// <param name="Step">The step that the run stood at.</param>
/// <param name="Details">More, for a program: what was altered, and how it was before.</param>
internal sealed record OperatorAct(string Verb, string By, DateTimeOffset At, string? Reason = null, string? Step = null, JsonNode? Details = null);
