using System.Globalization;
using CsCheck;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Dox.Testing.Servers;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Dox.Validation.RateLimits;
using Dox.Validation.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Validation.Tests.RateLimits;

/// <summary>The same for every log: the database's on both databases, and Redis's.</summary>
[TestFixture(DatabaseProvider.Sqlite, false)]
[TestFixture(DatabaseProvider.PostgreSql, false)]
[TestFixture(DatabaseProvider.Sqlite, true)]
internal sealed class RateLimiterTests(DatabaseProvider database, bool redis)
{
    private const int PerUser = 10;
    private const int PerAccount = 15;

    private FakeTimeProvider _clock = null!;
    private DoxHostFixture _host = null!;
    private int _accounts;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var settings = new List<(string, string)>
        {
            ("RATE_LIMIT_PER_USER_PER_DAY", $"{PerUser}"), ("RATE_LIMIT_PER_ACCOUNT_PER_DAY", $"{PerAccount}"), ("Dox:Validation:RateLimit:BurstPerMinute", "8"),
            ("Dox:Validation:RateLimit:MegabytesPerUserPerDay", "10"), ("Dox:Validation:RateLimit:MegabytesPerAccountPerDay", "12"),
        };
        if (redis)
        {
            var server = await RedisServer.SharedAsync();
            settings.AddRange([("REDIS_HOST", server.Host), ("REDIS_PORT", $"{server.Port}"), ("REDIS_PASSWORD", server.Password ?? ""), ("Dox:Redis:Prefix", RedisServer.NewPrefix())]);
        }

        _host = await ValidationHost.StartAsync(new DoxHostSetup { Database = database, Clock = _clock }.With([.. settings]));
        UseTestsTime();
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task A_user_may_send_as_many_as_the_limit_says_and_learns_when_the_next_may_come()
    {
        var ann = Somebody();
        for (var i = 0; i < PerUser; i++)
        {
            Assert.That((await SendAsync(ann)).RateLimit, Has.Property(nameof(RateLimitInfo.UserCount)).EqualTo(i + 1));
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        var refused = await SendAsync(ann);
        Assert.That((refused.HttpStatus, refused.Status, refused.RateLimit!.Violation, refused.RateLimit.UserCount), Is.EqualTo((429, FinalStatus.RateLimited, "user", PerUser)));
        Assert.That(refused.RateLimit!.RetryAfterSeconds, Is.EqualTo(24 * 3600 - (PerUser * 60)));

        _clock.Advance(TimeSpan.FromSeconds(refused.RateLimit.RetryAfterSeconds - 1));
        Assert.That((await SendAsync(ann)).Passed, Is.False);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await SendAsync(ann)).Passed, Is.True);
        Assert.That((await SendAsync(ann)).Passed, Is.False, "one left the window, so one comes in");
    }

    [Test]
    public async Task A_burst_is_worked_off_at_its_rate()
    {
        var ann = Somebody();
        for (var i = 0; i < 8; i++) Assert.That((await SendAsync(ann)).Passed, Is.True);

        var refused = await SendAsync(ann);
        Assert.That((refused.RateLimit!.Violation, refused.RateLimit.RetryAfterSeconds), Is.EqualTo(("burst", 8)));
        _clock.Advance(TimeSpan.FromSeconds(7));
        Assert.That((await SendAsync(ann)).Passed, Is.False);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await SendAsync(ann)).Passed, Is.True);
    }

    [Test]
    public async Task A_document_counts_once_and_stays_let_in()
    {
        var ann = Somebody();
        var document = File();
        await SendAsync(ann, document);
        for (var i = 0; i < 7; i++) await SendAsync(ann);

        Assert.That((await SendAsync(ann)).Passed, Is.False);
        var again = await SendAsync(ann, document);
        Assert.That((again.Passed, again.RateLimit!.UserCount), Is.EqualTo((true, 8)));
    }

    [Test]
    public async Task Asking_counts_nothing()
    {
        var ann = Somebody();
        for (var i = 0; i < 20; i++) await _host.SendAsync(new GetIntakePolicy(), ann);

        var policy = await _host.SendAsync(new GetIntakePolicy(), ann);
        Assert.That((policy.MaxFileSize, policy.RateLimit.WithinLimit, policy.RateLimit.UserCount), Is.EqualTo((50L * 1024 * 1024, true, 0)));
    }

    [Test]
    public async Task Many_at_once_never_get_more_in_than_the_limits()
    {
        var account = Interlocked.Increment(ref _accounts);
        var users = Enumerable.Range(0, 4).Select(i => Somebody(account, i)).ToList();

        var results = await Task.WhenAll(Enumerable.Range(0, 80).Select(async i =>
        {
            await Task.Yield();
            return (User: i % 4, (await SendAsync(users[i % 4])).Passed);
        }));

        Assert.That(results.Count(r => r.Passed), Is.EqualTo(PerAccount));
        Assert.That(results.Where(r => r.Passed).GroupBy(r => r.User).Select(g => g.Count()), Has.All.LessThanOrEqualTo(8));
        Assert.That((await _host.SendAsync(new GetIntakePolicy(), users[0])).RateLimit.AccountCount, Is.EqualTo(PerAccount));
    }

    [Test]
    public async Task Bytes_are_limited_too_and_the_wait_is_true()
    {
        var ann = Somebody();
        Assert.That((await SendAsync(ann, File(6))).Passed, Is.True);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.That((await SendAsync(ann, File(4))).Passed, Is.True, "exactly full");

        var refused = await SendAsync(ann, File(5));
        Assert.That((refused.RateLimit!.Violation, refused.RateLimit.UserBytes, refused.RateLimit.RetryAfterSeconds), Is.EqualTo(("user_bytes", 10L << 20, 23 * 3600)));
        _clock.Advance(TimeSpan.FromHours(23) - TimeSpan.FromSeconds(1));
        Assert.That((await SendAsync(ann, File(5))).Passed, Is.False);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await SendAsync(ann, File(5))).Passed, Is.True);
    }

    [Test]
    public async Task Bytes_of_an_account_are_those_of_all_its_users()
    {
        var account = Interlocked.Increment(ref _accounts);
        Assert.That((await SendAsync(Somebody(account, 0), File(8))).Passed, Is.True);
        var refused = await SendAsync(Somebody(account, 1), File(5));
        Assert.That(refused.RateLimit!.Violation, Is.EqualTo("account_bytes"));
        Assert.That((await SendAsync(Somebody(account, 1), File(4))).Passed, Is.True);
    }

    [Test]
    public async Task A_quota_of_users_alone_adds_up_nobody_elses()
    {
        var account = Interlocked.Increment(ref _accounts);
        Task<RateLimitInfo> UseAsync(int user) => _host.SendAsync(new CountUse(LimitedUse.Recognitions, Guid.CreateVersion7()), Somebody(account, user));
        await UseAsync(0);
        await UseAsync(0);
        var info = await UseAsync(1);

        Assert.That((info.WithinLimit, info.UserCount, info.AccountCount), Is.EqualTo((true, 1, 0)));
    }

    [Test]
    public async Task A_user_of_another_account_is_somebody_else()
    {
        var ann = Somebody();
        for (var i = 0; i < 8; i++) await SendAsync(ann);

        Assert.That((await SendAsync(ann)).Passed, Is.False);
        Assert.That((await SendAsync(ann with { Account = "another" + ann.Account })).Passed, Is.True);
    }

    [Test]
    public async Task Who_shows_the_token_is_not_limited_and_not_counted()
    {
        var ann = Somebody() with { IsUnlimited = true };
        for (var i = 0; i < 30; i++) Assert.That((await SendAsync(ann)).Passed, Is.True);

        Assert.That((await SendAsync(ann with { IsUnlimited = false })).RateLimit!.UserCount, Is.EqualTo(1));
    }

    [Test]
    public async Task A_restart_forgets_nothing()
    {
        var ann = Somebody();
        for (var i = 0; i < 8; i++) await SendAsync(ann);

        await _host.StopAsync();
        await _host.StartAgainAsync();
        UseTestsTime();

        var refused = await SendAsync(ann);
        Assert.That((refused.Passed, refused.RateLimit!.UserCount), Is.EqualTo((false, 8)));
    }

    [Test]
    public async Task Whatever_is_sent_when_no_window_ever_holds_more_than_the_limits()
    {
        var step = Gen.Select(Gen.Int[0, 2], Gen.Frequency((5, Gen.Int[0, 20]), (1, Gen.Int[3600, 60_000])));
        await step.Array[20, 40].SampleAsync(async steps =>
        {
            var account = Interlocked.Increment(ref _accounts);
            var accepted = new List<(int User, DateTimeOffset At)>();
            foreach (var (user, seconds) in steps)
            {
                _clock.Advance(TimeSpan.FromSeconds(seconds));
                var now = _clock.GetUtcNow();
                var inWindow = accepted.Where(a => a.At > now - TimeSpan.FromHours(24)).ToList();
                var full = inWindow.Count(a => a.User == user) >= PerUser || inWindow.Count >= PerAccount;
                var result = await SendAsync(Somebody(account, user));
                if (full) Assert.That(result.Passed, Is.False);
                else if (!result.Passed) Assert.That(result.RateLimit!.Violation, Is.EqualTo("burst"));
                if (result.Passed) accepted.Add((user, now));
            }
        }, iter: 5, threads: 1);
    }

    [Test]
    public async Task What_no_window_reaches_is_forgotten()
    {
        if (redis) Assert.Ignore("Redis forgets by itself.");
        var ann = Somebody();
        await SendAsync(ann);
        _clock.Advance(TimeSpan.FromHours(23));
        await SendAsync(ann);
        _clock.Advance(TimeSpan.FromHours(2));

        await using (var scope = _host.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<RateLimiter>().SweepAsync(CancellationToken.None);

        Assert.That(await _host.InDb((ValidationDbContext db) => db.RateLimitEntries.CountAsync(e => e.User == $"{ann.Account}/{ann.User}")), Is.EqualTo(1));
        Assert.That(await _host.InDb((ValidationDbContext db) => db.RateLimitBursts.CountAsync(b => b.User == $"{ann.Account}/{ann.User}")), Is.Zero);
    }

    private Caller Somebody() => Somebody(Interlocked.Increment(ref _accounts), 0);

    private static Caller Somebody(int account, int user) =>
        new($"user-{account.ToString(CultureInfo.InvariantCulture)}-{user}", $"account-{account}", [Role.Submitter], []);

    private SubmittedFile File(int megabytes = 0) => new(Id<Document>.New(_clock), new string('0', 64), Math.Max(1, megabytes * 1024L * 1024), "application/pdf", "a.pdf");

    // Redis goes by its own clock, which a test can't turn; and a busy machine isn't a Redis that is away
    private void UseTestsTime()
    {
        var log = _host.Services.GetRequiredService<RedisLimitLog>();
        (log.Clock, log.Patience) = (_clock, TimeSpan.FromMinutes(1));
    }

    private Task<StepResult> SendAsync(Caller caller, SubmittedFile? file = null) => _host.SendAsync(new CheckRateLimit(file ?? File()), caller);
}
