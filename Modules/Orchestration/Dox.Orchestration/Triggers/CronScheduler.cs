using System.Globalization;
using System.Text.Json.Nodes;
using Cronos;
using Dox.Orchestration.Data;
using Dox.Orchestration.Events;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Access;
using Dox.Workflows.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Triggers;

/// <summary>
/// Starts rules at their times, UTC. Each firing has a key of its own in the database, so that it starts one run over all replicas; the
/// process that leads the feed looks, to spare the others the work. How far a schedule was followed is kept: what was missed while nobody ran is known.
/// </summary>
internal sealed class CronScheduler(
    RuleBook rules, TriggeredStarts starts, FeedLead lead, IServiceScopeFactory scopes, IOptions<EngineOptions> options, TimeProvider clock,
    ILogger<CronScheduler> log) : BackgroundService
{
    // What is this late was missed, not delayed.
    private static readonly TimeSpan Punctual = TimeSpan.FromMinutes(1);
    private const int MostMissed = 1000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (lead.IsHeld)
                {
                    foreach (var rule in rules.Loaded.Rules)
                        foreach (var trigger in rule.Triggers.Where(t => t.Cron is not null))
                            await FollowAsync(rule, trigger, stoppingToken);
                }

                // By the machine's clock: the one that tells the time may be one that a test turns.
                await Task.Delay(options.Value.PollInterval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.LogWarning(e, "Schedules can't be followed now; trying again");
                await Task.Delay(options.Value.PollInterval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FollowAsync(Rule rule, RuleTrigger trigger, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        var (name, cron, now) = (rule.Name, trigger.Cron!, clock.GetUtcNow());
        var schedule = await db.RuleSchedules.SingleOrDefaultAsync(s => s.RuleName == name && s.Cron == cron, cancellationToken);
        if (schedule is null)
        {
            db.RuleSchedules.Add(new RuleSchedule { RuleName = name, Cron = cron, Followed = now });
            await db.SaveChangesAsync(cancellationToken);
            return;
        }

        var due = Due(CronExpression.Parse(cron), schedule.Followed, now);
        if (due.Count == 0 && schedule.Queued is null) return;
        var last = due.Count > 0 ? due[^1] : schedule.Followed;
        var wanted = Wanted(trigger, due, now);
        var runs = trigger.Overlap == RuleOverlap.Allow ? 0 : await db.OpenRuns.CountAsync(r => r.RuleName == name, cancellationToken);
        if (runs > 0)
        {
            foreach (var firing in wanted) log.LogInformation("{Rule} still runs: its firing of {Time:O} {What}", rule, firing, trigger.Overlap == RuleOverlap.Queue ? "waits" : "is left out");
            schedule.Queued = trigger.Overlap == RuleOverlap.Queue && wanted.Count > 0 ? wanted[^1] : schedule.Queued;
        }
        else
        {
            // First the runs, then how far: a crash between the two starts the same runs once more, which starts none.
            var firings = schedule.Queued is { } queued && (wanted.Count == 0 || trigger.Overlap == RuleOverlap.Queue) ? wanted.Prepend(queued).Distinct().Order().ToList() : [.. wanted];
            if (trigger.Overlap != RuleOverlap.Allow && firings.Count > 1) firings = [.. firings.Take(1)];
            foreach (var firing in firings) await FireAsync(rule, trigger, firing, cancellationToken);
            var left = wanted.Where(w => !firings.Contains(w)).ToList();
            schedule.Queued = trigger.Overlap == RuleOverlap.Queue && left.Count > 0 ? left[^1] : null;
        }

        schedule.Followed = last;
        await db.SaveChangesAsync(cancellationToken);
    }

    private Task<bool> FireAsync(Rule rule, RuleTrigger trigger, DateTimeOffset firing, CancellationToken cancellationToken)
    {
        var time = firing.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return starts.StartAsync(
            rule, RuleTriggerType.Schedule, trigger.Cron!, $"cron:{rule.Name}:{trigger.Cron}:{time}", Caller.System.Account, new JsonObject { ["scheduled_for"] = time }, cancellationToken);
    }

    private static List<DateTimeOffset> Due(CronExpression cron, DateTimeOffset after, DateTimeOffset now)
    {
        var due = new List<DateTimeOffset>();
        for (var next = cron.GetNextOccurrence(after, TimeZoneInfo.Utc); next <= now; next = cron.GetNextOccurrence(next.Value, TimeZoneInfo.Utc))
        {
            due.Add(next.Value);
            // After a long time away a schedule of every minute has many; the newest are those that count.
            if (due.Count > MostMissed) due.RemoveAt(0);
        }

        return due;
    }

    private static List<DateTimeOffset> Wanted(RuleTrigger trigger, List<DateTimeOffset> due, DateTimeOffset now) => trigger.CatchUp switch
    {
        _ when due.Count == 0 => [],
        RuleCatchUp.All => due,
        RuleCatchUp.Last => [due[^1]],
        _ => now - due[^1] <= Punctual ? [due[^1]] : [],
    };

    /// <summary>When the rule fires next.</summary>
    public static IReadOnlyList<DateTimeOffset> NextFirings(Rule rule, DateTimeOffset now, int count) =>
        [.. rule.Triggers.Where(t => t.Cron is not null).SelectMany(t => CronExpression.Parse(t.Cron!).GetOccurrences(now, now.AddYears(5), TimeZoneInfo.Utc).Take(count)).Order().Take(count)];
}
