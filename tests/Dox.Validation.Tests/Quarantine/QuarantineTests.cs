using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Dox.Testing.Servers;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Dox.Validation.Quarantine;
using Dox.Validation.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Validation.Tests.Quarantine;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
internal sealed class QuarantineTests(DatabaseProvider database)
{
    private static readonly Caller First = new("ada", "ops", [Role.Admin], []);
    private static readonly Caller Second = new("ben", "ops", [Role.Admin], []);

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private FakeClamd _clamd = null!;
    private DoxHostFixture _host = null!;
    private int _next;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _clamd = new FakeClamd();
        _host = await ValidationHost.StartAsync(new DoxHostSetup { Database = database, Clock = _clock }.With(
            ("CLAMAV_ENABLED", "true"), ("CLAMAV_HOST", "127.0.0.1"), ("CLAMAV_PORT", $"{_clamd.Port}"), ("ENCRYPTION_KEY", Convert.ToBase64String(new byte[32]))));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _host.DisposeAsync();
        await _clamd.DisposeAsync();
    }

    [Test]
    public async Task An_infected_upload_is_kept_encrypted_and_listed()
    {
        var (file, content) = await InfectedAsync();
        var sender = new Caller("sender", "customer", [Role.Submitter], []);
        await _host.SendAsync(new ScanForViruses(file), sender);
        await _host.SendAsync(new ScanForViruses(file), sender);

        var listed = await _host.Client.GetFromJsonAsync("/api/v1/quarantine?limit=1");
        var entry = listed["quarantine"]![0]!;
        var path = Path.Combine(_host.DataFolder, "quarantine", $"{file.Sha256}.quarantined");
        var bytes = await File.ReadAllBytesAsync(path);
        await using var opened = _host.Services.GetRequiredService<QuarantineVault>().Open(file.Sha256);
        using var back = new MemoryStream();
        await opened.CopyToAsync(back);

        Assert.Multiple(() =>
        {
            Assert.That((string?)entry["file_hash"], Is.EqualTo($"sha256:{file.Sha256}"));
            Assert.That((string?)entry["status"], Is.EqualTo("quarantined"));
            Assert.That((string?)entry["account_id"], Is.EqualTo("customer"));
            Assert.That((string?)entry["threat_name"], Is.EqualTo("Eicar"));
            Assert.That((int)entry["times"]!, Is.EqualTo(2));
            Assert.That(bytes.AsSpan().IndexOf(TestVirus.ToBytes()), Is.Negative);
            Assert.That(back.ToArray(), Is.EqualTo(content));
        });
        var one = await _host.Client.GetFromJsonAsync($"/api/v1/quarantine/{entry["quarantine_id"]}");
        Assert.That((string?)one["quarantine_id"], Is.EqualTo((string?)entry["quarantine_id"]));
    }

    [Test]
    public async Task A_trial_leaves_nothing_in_quarantine()
    {
        var (file, _) = await InfectedAsync();
        await _host.SendAsync(new Validation.Files.ValidateUpload.Query(file));

        Assert.That(File.Exists(Path.Combine(_host.DataFolder, "quarantine", $"{file.Sha256}.quarantined")), Is.False);
    }

    [Test]
    public async Task Releasing_takes_two_people_and_a_reason_and_lets_the_same_bytes_in()
    {
        var (file, content) = await InfectedAsync();
        await _host.SendAsync(new ScanForViruses(file));
        var id = (await _host.InDb((ValidationDbContext db) => db.Quarantine.SingleAsync(q => q.Sha256 == file.Sha256))).Id;

        Assert.That(() => _host.SendAsync(new DecideQuarantine.Release(id, ""), First), Throws.InstanceOf<DoxException>().With.Property(nameof(DoxException.Status)).EqualTo(400));
        Assert.That(() => _host.SendAsync(new DecideQuarantine.Release(id, "harmless"), First with { Roles = [Role.Operator] }), Throws.InstanceOf<DoxException>().With.Property(nameof(DoxException.Status)).EqualTo(403));
        var asked = await _host.SendAsync(new DecideQuarantine.Release(id, "a false alarm, says the vendor"), First);
        Assert.That(() => _host.SendAsync(new DecideQuarantine.Release(id, "really"), First), Throws.InstanceOf<DoxException>().With.Property(nameof(DoxException.Code)).EqualTo("second_person_needed"));
        Assert.That((await _host.SendAsync(new ScanForViruses(await _host.StageAsync(content)))).Passed, Is.False, "one person's word isn't enough");
        var released = await _host.SendAsync(new DecideQuarantine.Release(id, "I agree"), Second);
        var again = await _host.SendAsync(new ScanForViruses(await _host.StageAsync(content)));

        Assert.Multiple(() =>
        {
            Assert.That((asked.Quarantine.Status, asked.Quarantine.ReleaseRequestedBy), Is.EqualTo((QuarantineState.ReleaseRequested, "ada")));
            Assert.That(asked.NextSteps, Does.Contain("Another administrator"));
            Assert.That((released.Quarantine.Status, released.Quarantine.DecidedBy), Is.EqualTo((QuarantineState.Released, "ben")));
            Assert.That((again.Passed, again.VirusScan!.ScanResult, again.Warnings.Single().Code), Is.EqualTo((true, ScanVerdict.Infected, "released_from_quarantine")));
            Assert.That(File.Exists(Path.Combine(_host.DataFolder, "quarantine", $"{file.Sha256}.quarantined")), Is.False);
        });
        var audit = await _host.InDb((ValidationDbContext db) => db.Audit.Where(e => e.Subject == id.ToString()).OrderBy(e => e.Sequence).ToListAsync());
        Assert.That(audit.Select(e => (e.Action, e.Actor)), Is.EqualTo([("quarantine.put", "test"), ("quarantine.request_release", "ada"), ("quarantine.release", "ben")]));
        Assert.That((await _host.InDb((ValidationDbContext db) => AuditTrail.CheckAsync(db, CancellationToken.None))).Problem, Is.Null);
    }

    [Test]
    public async Task What_was_deleted_is_gone_and_cannot_be_released()
    {
        var (file, content) = await InfectedAsync();
        await _host.SendAsync(new ScanForViruses(file));
        var id = (await _host.InDb((ValidationDbContext db) => db.Quarantine.SingleAsync(q => q.Sha256 == file.Sha256))).Id;

        using var deleted = await _host.Client.DeleteAsync($"/api/v1/quarantine/{id}?reason=not+needed");
        Assert.That(deleted.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(() => _host.SendAsync(new DecideQuarantine.Release(id, "too late"), First), Throws.InstanceOf<DoxException>().With.Property(nameof(DoxException.Code)).EqualTo("quarantine_decided"));
        Assert.That(File.Exists(Path.Combine(_host.DataFolder, "quarantine", $"{file.Sha256}.quarantined")), Is.False);

        // The same bytes again are a case of their own
        await _host.SendAsync(new ScanForViruses(await _host.StageAsync(content)));
        Assert.That(await _host.InDb((ValidationDbContext db) => db.Quarantine.CountAsync(q => q.Sha256 == file.Sha256)), Is.EqualTo(2));
    }

    [Test]
    public async Task What_nobody_released_in_time_is_destroyed()
    {
        var (file, _) = await InfectedAsync();
        await _host.SendAsync(new ScanForViruses(file));
        var sweep = _host.Services.GetServices<IHostedService>().OfType<QuarantineSweep>().Single();

        await sweep.SweepAsync(CancellationToken.None);
        Assert.That(await StateAsync(), Is.EqualTo(QuarantineState.Quarantined));
        var old = _clock.GetUtcNow() - TimeSpan.FromDays(31);
        await _host.InDb((ValidationDbContext db) => db.Quarantine.Where(q => q.Sha256 == file.Sha256).ExecuteUpdateAsync(q => q.SetProperty(x => x.At, old)));
        await sweep.SweepAsync(CancellationToken.None);
        Assert.That(await StateAsync(), Is.EqualTo(QuarantineState.Deleted));

        async Task<QuarantineState> StateAsync() => (await _host.InDb((ValidationDbContext db) => db.Quarantine.SingleAsync(q => q.Sha256 == file.Sha256))).State;
    }

    [Test]
    public async Task A_file_that_was_changed_does_not_open([Values(0, 30, 40_000, -1)] int at)
    {
        var vault = _host.Services.GetRequiredService<QuarantineVault>();
        var content = RandomNumberGenerator.GetBytes(100_000);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        await vault.PutAsync(sha256, new MemoryStream(content), CancellationToken.None);
        var path = Path.Combine(_host.DataFolder, "quarantine", $"{sha256}.quarantined");
        var bytes = await File.ReadAllBytesAsync(path);
        if (at >= 0) bytes[at] ^= 1;
        // Cut off at a block's end: what is left is sound, and isn't all
        await File.WriteAllBytesAsync(path, at >= 0 ? bytes : bytes[..(24 + 65536 + 16)]);

        await using var opened = vault.Open(sha256);
        Assert.That(() => opened.CopyToAsync(Stream.Null), Throws.InstanceOf<InvalidDataException>());
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(65_536)]
    [TestCase(65_537)]
    [TestCase(131_072)]
    public async Task Any_length_comes_back(int length)
    {
        var vault = _host.Services.GetRequiredService<QuarantineVault>();
        var content = RandomNumberGenerator.GetBytes(length);
        var name = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await vault.PutAsync(name, new MemoryStream(content), CancellationToken.None);

        await using var opened = vault.Open(name);
        using var back = new MemoryStream();
        await opened.CopyToAsync(back);
        Assert.That(back.ToArray(), Is.EqualTo(content));
    }

    private async Task<(SubmittedFile File, byte[] Content)> InfectedAsync()
    {
        byte[] content = [.. TestVirus.ToBytes(), .. System.Text.Encoding.ASCII.GetBytes($" number {++_next}")];
        return (await _host.StageAsync(content), content);
    }
}

internal static class QuarantineClient
{
    public static async Task<JsonNode> GetFromJsonAsync(this HttpClient client, string path) => JsonNode.Parse(await client.GetStringAsync(path))!;
}
