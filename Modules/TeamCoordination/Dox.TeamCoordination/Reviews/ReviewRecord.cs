using System.Text.Json;
using Dox.SharedKernel;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.TeamCoordination.Reviews;

internal enum ReviewState
{
    Open,
    Claimed,
    Approved,
    Rejected,

    /// <summary>Nobody needs to decide it any more.</summary>
    Closed,
}

/// <summary>A decision that a run waits for. A claim is a lease: when it ran out the review counts as open, whatever the row says.</summary>
internal sealed class ReviewRecord
{
    private ReviewRecord()
    {
    }

    public Id<Review> Id { get; private init; }

    public Id<Workflow> WorkflowId { get; private init; }

    public required string RuleName { get; init; }

    public required string Step { get; init; }

    public int Visit { get; private init; }

    public Id<Document>? DocumentId { get; private init; }

    public required string Account { get; init; }

    public required string Team { get; init; }

    public required string Subject { get; init; }

    public required string Message { get; init; }

    /// <summary>JSON.</summary>
    public required string Evidence { get; init; }

    public DateTimeOffset Opened { get; private init; }

    public ReviewState State { get; private set; }

    public string? ClaimedBy { get; private set; }

    public DateTimeOffset? ClaimedUntil { get; private set; }

    public string? DecidedBy { get; private set; }

    public DateTimeOffset? Decided { get; private set; }

    public string? TemplateId { get; private set; }

    /// <summary>JSON: an object.</summary>
    public string? Fields { get; private set; }

    public string? Reason { get; private set; }

    public int Version { get; private set; }

    public static ReviewRecord Open(OpenReview asked, string team, DateTimeOffset now) => new()
    {
        Id = asked.Id,
        WorkflowId = asked.WorkflowId,
        RuleName = asked.RuleName.Cut(TextLimits.Name),
        Step = asked.Step.Cut(TextLimits.Step),
        Visit = asked.Visit,
        DocumentId = asked.DocumentId,
        Account = asked.Account.Cut(TextLimits.Name),
        Team = team,
        Subject = asked.Subject.Cut(TextLimits.Subject),
        Message = asked.Message.Cut(TextLimits.Message),
        Evidence = asked.Evidence.ValueKind == JsonValueKind.Undefined ? "null" : asked.Evidence.GetRawText(),
        Opened = now,
        State = ReviewState.Open,
    };

    public ReviewState StateAt(DateTimeOffset now) => State == ReviewState.Claimed && ClaimedUntil <= now ? ReviewState.Open : State;

    public void Claim(string user, DateTimeOffset now, TimeSpan lease)
    {
        DemandDecidable(user, now);
        (State, ClaimedBy, ClaimedUntil) = (ReviewState.Claimed, user, now + lease);
        Version++;
    }

    public void Release()
    {
        DemandUndecided();
        (State, ClaimedBy, ClaimedUntil) = (ReviewState.Open, null, null);
        Version++;
    }

    public ReviewDecided Approve(string user, DateTimeOffset now, string? templateId, IReadOnlyDictionary<string, JsonElement> fields, string? reason)
    {
        DemandDecidable(user, now);
        Fields = JsonSerializer.Serialize(fields, DoxJson.Options);
        TemplateId = templateId;
        return Decide(ReviewState.Approved, user, now, fields, reason);
    }

    public ReviewDecided Reject(string user, DateTimeOffset now, string reason)
    {
        DemandDecidable(user, now);
        return Decide(ReviewState.Rejected, user, now, new Dictionary<string, JsonElement>(StringComparer.Ordinal), reason);
    }

    /// <summary>Its run no longer waits for it. False: it was decided before.</summary>
    public bool Close(string by, DateTimeOffset now, string reason)
    {
        if (State is not (ReviewState.Open or ReviewState.Claimed)) return false;
        (State, DecidedBy, Decided, Reason, ClaimedBy, ClaimedUntil) = (ReviewState.Closed, by, now, reason, null, null);
        Version++;
        return true;
    }

    private ReviewDecided Decide(ReviewState state, string user, DateTimeOffset now, IReadOnlyDictionary<string, JsonElement> fields, string? reason)
    {
        (State, DecidedBy, Decided, Reason, ClaimedBy, ClaimedUntil) = (state, user, now, reason, null, null);
        Version++;
        var decision = state == ReviewState.Approved ? ReviewDecision.Approved : ReviewDecision.Rejected;
        return new(Id, WorkflowId, Step, Visit, DocumentId, decision, TemplateId, fields, reason, user);
    }

    private void DemandDecidable(string user, DateTimeOffset now)
    {
        DemandUndecided();
        if (StateAt(now) != ReviewState.Claimed || ClaimedBy == user) return;
        throw new DoxException(409, "review_claimed", $"{ClaimedBy} works on it until {ClaimedUntil:u}. Take another one, or ask them to release it.")
        {
            Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["claimed_by"] = ClaimedBy!, ["claimed_until"] = ClaimedUntil!.Value.ToString("O") },
        };
    }

    private void DemandUndecided()
    {
        if (State is ReviewState.Open or ReviewState.Claimed) return;
        var state = JsonNamingPolicy.SnakeCaseLower.ConvertName(State.ToString());
        throw new DoxException(409, "review_decided", $"The review is {state} already; nothing more can be done with it.")
        {
            Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["state"] = state, ["decided_by"] = DecidedBy ?? "" },
        };
    }

    internal sealed class Map : IEntityTypeConfiguration<ReviewRecord>
    {
        public void Configure(EntityTypeBuilder<ReviewRecord> builder)
        {
            builder.ToTable("reviews");
            builder.HasKey(r => r.Id);
            builder.Property(r => r.Id).ValueGeneratedNever();
            builder.Property(r => r.RuleName).HasMaxLength(TextLimits.Name);
            builder.Property(r => r.Step).HasMaxLength(TextLimits.Step);
            builder.Property(r => r.Account).HasMaxLength(TextLimits.Name);
            builder.Property(r => r.Team).HasMaxLength(TextLimits.Name);
            builder.Property(r => r.Subject).HasMaxLength(TextLimits.Subject);
            builder.Property(r => r.Message).HasMaxLength(TextLimits.Message);
            builder.Property(r => r.State).HasConversion<string>().HasMaxLength(20);
            builder.Property(r => r.ClaimedBy).HasMaxLength(TextLimits.User);
            builder.Property(r => r.DecidedBy).HasMaxLength(TextLimits.User);
            builder.Property(r => r.TemplateId).HasMaxLength(TextLimits.Name);
            builder.Property(r => r.Reason).HasMaxLength(TextLimits.Message);
            builder.Property(r => r.Version).IsConcurrencyToken();
            builder.HasIndex(r => new { r.Team, r.Id }).HasFilter("decided IS NULL").HasDatabaseName("ix_reviews_queue");
            builder.HasIndex(r => r.WorkflowId).HasDatabaseName("ix_reviews_workflow");
            builder.HasIndex(r => r.DocumentId).HasDatabaseName("ix_reviews_document");
        }
    }
}
