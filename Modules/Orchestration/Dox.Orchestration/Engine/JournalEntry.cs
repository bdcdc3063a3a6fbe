using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dox.SharedKernel;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Interpretation;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Orchestration.Engine;

/// <summary>One attempt of a step, for good: each entry's hash covers the one before it.</summary>
internal sealed class JournalEntry
{
    private const int LongestDecision = 1000;

    public required Id<Workflow> WorkflowId { get; init; }

    /// <summary>From 1, without gaps.</summary>
    public required int Sequence { get; init; }

    public required int Bucket { get; init; }

    public required string Step { get; init; }

    public required string Action { get; init; }

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

    public string? Decision { get; init; }

    public int? DecisionLine { get; init; }

    public string Hash { get; private set; } = "";

    /// <summary>The next entry of a journal that ends with <paramref name="previousHash"/>.</summary>
    public static JournalEntry Following(string previousHash, int sequence, Id<Workflow> run, int bucket, StepAttempt attempt, RunStatus runStatus)
    {
        var entry = new JournalEntry
        {
            WorkflowId = run,
            Sequence = sequence,
            Bucket = bucket,
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
            Decision = attempt.Decision is { Length: > LongestDecision } longer ? longer[..LongestDecision] : attempt.Decision,
            DecisionLine = attempt.DecisionLine,
        };
        entry.Hash = entry.ExpectedHash(previousHash);
        return entry;
    }

    /// <summary>The hash that this entry must have after one that has <paramref name="previousHash"/>.</summary>
    public string ExpectedHash(string previousHash) => HashOf(
        previousHash, WorkflowId.ToString(), Sequence.ToString(CultureInfo.InvariantCulture), Step, Action,
        Visit.ToString(CultureInfo.InvariantCulture), Attempt.ToString(CultureInfo.InvariantCulture), Status.ToString(), RunStatus.ToString(),
        Input, Output, Error, StartedAt.UtcTicks.ToString(CultureInfo.InvariantCulture), DurationMs.ToString("R", CultureInfo.InvariantCulture),
        RuleLine.ToString(CultureInfo.InvariantCulture), Decision, DecisionLine?.ToString(CultureInfo.InvariantCulture));

    // PostgreSQL keeps no more; a hash over more would never be met again.
    private static DateTimeOffset ToMicroseconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    // Each part is preceded by its length: no two different entries give the same bytes.
    private static string HashOf(params ReadOnlySpan<string?> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part ?? "");
            hash.AppendData(BitConverter.GetBytes(part is null ? -1 : bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string? Text(JsonNode? node) => node?.ToJsonString(DoxJson.Options);

    private static string? ErrorText(StepError? error) => error is null ? null : System.Text.Json.JsonSerializer.Serialize(error, DoxJson.Options);

    internal sealed class Map : IEntityTypeConfiguration<JournalEntry>
    {
        public void Configure(EntityTypeBuilder<JournalEntry> builder)
        {
            builder.ToTable("journal");
            builder.HasKey(e => new { e.WorkflowId, e.Sequence });
            builder.Property(e => e.Step).HasMaxLength(200);
            builder.Property(e => e.Action).HasMaxLength(100);
            builder.Property(e => e.Status).HasConversion<string>().HasMaxLength(30);
            builder.Property(e => e.RunStatus).HasConversion<string>().HasMaxLength(30);
            builder.Property(e => e.Decision).HasMaxLength(LongestDecision);
            builder.Property(e => e.Hash).HasMaxLength(64);
        }
    }
}
