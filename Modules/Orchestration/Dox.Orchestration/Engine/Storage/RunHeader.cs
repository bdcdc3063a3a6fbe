using Dox.SharedKernel.Ids;

namespace Dox.Orchestration.Engine.Storage;

/// <summary>What never changes about a run, beside its state.</summary>
internal sealed record RunHeader
{
    public required Id<Workflow> Id { get; init; }

    /// <summary>All rows of an account lie in one bucket, so that they can be moved together.</summary>
    public required int Bucket { get; init; }

    public required string Account { get; init; }

    public required string User { get; init; }

    public required string RuleName { get; init; }

    public required string RuleVersion { get; init; }

    public required string RuleHash { get; init; }

    public required string Service { get; init; }

    public required int Priority { get; init; }

    public required Id<Document>? DocumentId { get; init; }

    /// <summary>W3C trace context of the request that started it.</summary>
    public required string? TraceParent { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public static RunHeader Of(RunRow row) => new()
    {
        Id = row.Id,
        Bucket = row.Bucket,
        Account = row.Account,
        User = row.User,
        RuleName = row.RuleName,
        RuleVersion = row.RuleVersion,
        RuleHash = row.RuleHash,
        Service = row.Service,
        Priority = row.Priority,
        DocumentId = row.DocumentId,
        TraceParent = row.TraceParent,
        StartedAt = row.StartedAt,
    };
}
