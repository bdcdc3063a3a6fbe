using System.ComponentModel.DataAnnotations;

namespace Dox.TeamCoordination.Reviews;

/// <summary>Section <c>Dox:Reviews</c>.</summary>
internal sealed class ReviewOptions
{
    /// <summary>How long a claim holds: after that the review is anybody's again.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "7.00:00:00", ErrorMessage = "Dox:Reviews:ClaimLease must lie between 10 seconds and 7 days.")]
    public TimeSpan ClaimLease { get; set; } = TimeSpan.FromMinutes(30);
}
