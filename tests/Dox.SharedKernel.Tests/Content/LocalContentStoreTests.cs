using Dox.SharedKernel.Infrastructure.Content;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Dox.SharedKernel.Tests.Content;

[TestFixture(false)]
[TestFixture(true)]
public sealed class LocalContentStoreTests(bool keepsSmall) : ContentStoreConformance
{
    private DirectoryInfo _folder = null!;
    private LocalContentStore _store = null!;

    private protected override IContentStore Store => _store;

    [OneTimeSetUp]
    public void MakeStore()
    {
        _folder = Directory.CreateTempSubdirectory("dox-content-");
        _store = new LocalContentStore(Options.Create(new ContentOptions { Path = _folder.FullName }), TimeProvider.System, keepsSmall);
    }

    [OneTimeTearDown]
    public void DropStore() => _folder.Delete(recursive: true);

    private protected override int Count() => _folder.GetFiles("*", SearchOption.AllDirectories).Length;

    [Test]
    public async Task A_body_that_is_being_written_isn_t_disturbed_by_a_second_one_for_its_document()
    {
        var id = NewId();
        Task? second = null;
        await using var first = new ScriptedBody(4, at: 2, () => second = _store.StageAsync(id, new MemoryStream(new byte[10]), 100, default));

        var staged = await _store.StageAsync(id, first, long.MaxValue, default);

        await Assert.ThatAsync(() => second!, Throws.InstanceOf<IOException>());
        Assert.That(staged.Length, Is.EqualTo(4 * 64 * 1024));
        await using var content = await _store.OpenStagedAsync(id, default);
        Assert.That(content.Length, Is.EqualTo(staged.Length));
    }

    [Test]
    public async Task What_a_crash_left_staged_is_dropped_after_a_week_and_nothing_else()
    {
        var (old, _) = await StageAsync();
        var (young, _) = await StageAsync();
        var (accepted, _) = await StageAsync();
        foreach (var document in new[] { old, young }) await _store.KeepAsync(document.Id, default);
        await _store.AcceptAsync(accepted, default);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        Age(Path.Combine("staged", old.Id.ToString()), TimeSpan.FromDays(7.1));
        Age(Path.Combine("staged", young.Id.ToString()), TimeSpan.FromDays(6.9));
        Age(_store.LocationOf(accepted.Sha256), TimeSpan.FromDays(700));
        var partial = Path.Combine(_folder.FullName, "staged", "doc_of_a_crash.partial");
        await File.WriteAllTextAsync(partial, "half");
        Age(partial, TimeSpan.FromDays(30));
        using var sweep = new StagedSweep(_store, clock, NullLogger<StagedSweep>.Instance);

        await sweep.StartAsync(default);
        await Modules.Eventually.IsTrueAsync(() => !File.Exists(partial), "the rest of a crash is dropped");
        await sweep.StopAsync(default);

        Assert.That(File.Exists(Path.Combine(_folder.FullName, "staged", old.Id.ToString())), Is.False);
        await (await _store.OpenStagedAsync(young.Id, default)).DisposeAsync();
        await (await _store.OpenAsync(accepted.Sha256, default)).DisposeAsync();

        void Age(string path, TimeSpan age) => File.SetLastWriteTimeUtc(Path.Combine(_folder.FullName, path), (clock.GetUtcNow() - age).UtcDateTime);
    }

    [Test]
    public async Task A_small_body_gets_a_file_only_when_it_must_outlive_the_process()
    {
        var (document, body) = await StageAsync();
        var file = Path.Combine(_folder.FullName, "staged", document.Id.ToString());
        Assert.That(File.Exists(file), Is.EqualTo(!keepsSmall));
        await using (var staged = await _store.OpenStagedAsync(document.Id, default)) Assert.That(staged.Length, Is.EqualTo(body.Length));

        await _store.KeepAsync(document.Id, default);
        await _store.KeepAsync(document.Id, default);
        Assert.That(await File.ReadAllBytesAsync(file), Is.EqualTo(body));
        await _store.AcceptAsync(document, default);
        Assert.That(File.Exists(file), Is.False);
        await (await _store.OpenAsync(document.Sha256, default)).DisposeAsync();
    }

    [Test]
    public async Task When_memory_is_used_up_files_take_over()
    {
        var ids = new List<SharedKernel.Ids.Id<SharedKernel.Ids.Document>>();
        for (var i = 0; i < 1200; i++)
        {
            ids.Add(NewId());
            await _store.StageAsync(ids[^1], new MemoryStream(new byte[60_000]), long.MaxValue, default);
        }

        var files = ids.Count(id => File.Exists(Path.Combine(_folder.FullName, "staged", id.ToString())));
        Assert.That(files, keepsSmall ? Is.InRange(500, 700) : Is.EqualTo(1200));
        foreach (var id in ids)
        {
            await using (var staged = await _store.OpenStagedAsync(id, default)) Assert.That(staged.Length, Is.EqualTo(60_000));
            await _store.DiscardStagedAsync(id, default);
        }

        Assert.That(ids.Count(id => File.Exists(Path.Combine(_folder.FullName, "staged", id.ToString()))), Is.Zero);
    }
}
