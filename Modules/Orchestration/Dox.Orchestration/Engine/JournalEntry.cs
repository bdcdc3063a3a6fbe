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
    public required Id<Workflow> WorkflowId { get; init; }

    /// <summary>From 1, without gaps.</summary>
    public required int Sequence { get; init; }

    public required int Bucket { get; init; }

    public required string Step { get; init; }

    public required string Action { get; init; }

    public required int Visit { get; init; }

    public required int Attempt { get; init; }

    public required StepStatus Status { get; init; }

    public string? Input { get; init; }

    public string? Output { get; init; }

    public string? Error { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required double DurationMs { get; init; }

    public required int RuleLine { get; init; }

    public string? Decision { get; init; }

    public int? DecisionLine { get; init; }

    public required string Hash { get; init; }

    /// <summary>The next entry of a journal that ends with <paramref name="previousHash"/>.</summary>
    public static JournalEntry Following(string previousHash, int sequence, Id<Workflow> run, int bucket, StepAttempt attempt)
    {
        var (input, output, error) = (Text(attempt.Input), Text(attempt.Output), ErrorText(attempt.Error));
        var hash = HashOf(
            previousHash, run.ToString(), sequence.ToString(CultureInfo.InvariantCulture), attempt.Step, attempt.Action,
            attempt.Visit.ToString(CultureInfo.InvariantCulture), attempt.Attempt.ToString(CultureInfo.InvariantCulture), attempt.Status.ToString(),
            input, output, error, attempt.StartedAt.UtcTicks.ToString(CultureInfo.InvariantCulture), attempt.Decision);
        return new()
        {
            WorkflowId = run,
            Sequence = sequence,
            Bucket = bucket,
            Step = attempt.Step,
            Action = attempt.Action,
            Visit = attempt.Visit,
            Attempt = attempt.Attempt,
            Status = attempt.Status,
            Input = input,
            Output = output,
            Error = error,
            StartedAt = attempt.StartedAt,
            DurationMs = attempt.DurationMs,
            RuleLine = attempt.RuleLine,
            Decision = attempt.Decision,
            DecisionLine = attempt.DecisionLine,
            Hash = hash,
        };
    }

    /// <summary>The hash that this entry must have after one that has <paramref name="previousHash"/>.</summary>
    public string ExpectedHash(string previousHash) => HashOf(
        previousHash, WorkflowId.ToString(), Sequence.ToString(CultureInfo.InvariantCulture), Step, Action,
        Visit.ToString(CultureInfo.InvariantCulture), Attempt.ToString(CultureInfo.InvariantCulture), Status.ToString(),
        Input, Output, Error, StartedAt.UtcTicks.ToString(CultureInfo.InvariantCulture), Decision);

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
            builder.Property(e => e.Decision).HasMaxLength(1000);
            builder.Property(e => e.Hash).HasMaxLength(64);
        }
    }
}
