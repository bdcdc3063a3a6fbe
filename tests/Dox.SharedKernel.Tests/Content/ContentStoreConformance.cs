using System.Security.Cryptography;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;

namespace Dox.SharedKernel.Tests.Content;

/// <summary>What holds for every store of content; a fixture for each derives from it.</summary>
public abstract class ContentStoreConformance
{
    private protected abstract IContentStore Store { get; }

    /// <summary>How many things lie in the store, staged or not, whole or not.</summary>
    private protected abstract int Count();

    private protected static Id<Document> NewId() => Id<Document>.New(TimeProvider.System);

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4096)]
    [TestCase(65_536)]
    [TestCase(200_001)]
    public async Task A_body_is_told_by_its_hash_length_and_head(int length)
    {
        var body = RandomNumberGenerator.GetBytes(length);

        var staged = await Store.StageAsync(NewId(), new MemoryStream(body), 300_000, default);

        Assert.That((staged.Sha256, staged.Length), Is.EqualTo((Hash(body), (long)length)));
        Assert.That(staged.Head.ToArray(), Is.EqualTo(body.Take(4096)));
    }

    [Test]
    public async Task The_limit_holds_to_the_byte_and_nothing_is_left_of_what_is_over_it()
    {
        var id = NewId();
        var before = Count();
        var fault = (await Assert.ThrowsAsync<DoxException>(() => Store.StageAsync(id, new MemoryStream(new byte[100_001]), 100_000, default)))!;

        Assert.That((fault.Status, fault.Code), Is.EqualTo((413, "file_too_large")));
        Assert.That(Count(), Is.EqualTo(before));
        Assert.That((await Store.StageAsync(id, new MemoryStream(new byte[100_000]), 100_000, default)).Length, Is.EqualTo(100_000));
    }

    [Test]
    public async Task Nothing_is_left_of_a_body_that_is_cancelled_or_breaks_off()
    {
        var before = Count();
        using var cancel = new CancellationTokenSource();
        await using var cancelled = new ScriptedBody(10, at: 5, () => cancel.Cancel());
        await using var broken = new ScriptedBody(10, at: 5, () => throw new IOException("The sender is gone."));

        await Assert.ThatAsync(() => Store.StageAsync(NewId(), cancelled, long.MaxValue, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        await Assert.ThatAsync(() => Store.StageAsync(NewId(), broken, long.MaxValue, default), Throws.InstanceOf<IOException>());

        Assert.That(Count(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_body_of_50_MB_takes_no_memory_of_its_size()
    {
        await Store.StageAsync(NewId(), new ScriptedBody(8), long.MaxValue, default);
        await using var body = new ScriptedBody(50 * 16);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var staged = await Store.StageAsync(NewId(), body, long.MaxValue, default);

        Assert.That(staged.Length, Is.EqualTo(50L * 1024 * 1024));
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(4 * 1024 * 1024));
    }

    [Test]
    public async Task Staged_content_is_opened_by_its_document_and_not_by_its_hash()
    {
        var (document, body) = await StageAsync();

        await using (var staged = await Store.OpenStagedAsync(document.Id, default)) Assert.That(await ReadAsync(staged), Is.EqualTo(body));
        Assert.That((await Assert.ThrowsAsync<DoxException>(() => Store.OpenAsync(document.Sha256, default)))!.Code, Is.EqualTo("content_not_found"));
    }

    [Test]
    public async Task Accepted_content_is_opened_by_its_hash_and_not_by_its_document()
    {
        var (document, body) = await StageAsync();

        await Store.AcceptAsync(document, default);
        await Store.AcceptAsync(document, default);

        await using (var accepted = await Store.OpenAsync(document.Sha256, default)) Assert.That(await ReadAsync(accepted), Is.EqualTo(body));
        Assert.That((await Assert.ThrowsAsync<DoxException>(() => Store.OpenStagedAsync(document.Id, default)))!.Code, Is.EqualTo("content_not_found"));
    }

    [Test]
    public async Task Many_documents_with_the_same_bytes_are_accepted_at_once_each_twice()
    {
        var body = RandomNumberGenerator.GetBytes(10_000);
        var documents = new List<DocumentRef>();
        for (var i = 0; i < 40; i++) documents.Add((await StageAsync(body)).Document);
        foreach (var document in documents.Take(20)) await Store.KeepAsync(document.Id, default);

        await Task.WhenAll(documents.Concat(documents).Select(d => Task.Run(() => Store.AcceptAsync(d, default))));

        await using var accepted = await Store.OpenAsync(documents[0].Sha256, default);
        Assert.That(await ReadAsync(accepted), Is.EqualTo(body));
        foreach (var document in documents) Assert.That(() => Store.OpenStagedAsync(document.Id, default), Throws.InstanceOf<DoxException>(), "nothing is staged any more");
    }

    [Test]
    public async Task What_was_never_staged_can_t_be_accepted()
    {
        var unknown = new DocumentRef(NewId(), Hash(RandomNumberGenerator.GetBytes(8)), 8, "application/pdf");

        Assert.That((await Assert.ThrowsAsync<DoxException>(() => Store.AcceptAsync(unknown, default)))!.Status, Is.EqualTo(404));
    }

    [Test]
    public async Task Discarded_content_is_gone_and_may_be_discarded_again()
    {
        var (document, _) = await StageAsync();

        await Store.DiscardStagedAsync(document.Id, default);
        await Store.DiscardStagedAsync(document.Id, default);

        Assert.That((await Assert.ThrowsAsync<DoxException>(() => Store.OpenStagedAsync(document.Id, default)))!.Status, Is.EqualTo(404));
        Assert.That((await Assert.ThrowsAsync<DoxException>(() => Store.AcceptAsync(document, default)))!.Status, Is.EqualTo(404));
    }

    [Test]
    public async Task Content_that_nobody_wants_is_removed_and_may_be_removed_again()
    {
        var (document, _) = await StageAsync();
        await Store.AcceptAsync(document, default);

        Assert.That(await Store.RemoveUnlessAsync(document.Sha256, _ => Task.FromResult(false), default), Is.True);
        Assert.That(await Store.RemoveUnlessAsync(document.Sha256, _ => Task.FromResult(false), default), Is.True);

        Assert.That((await Assert.ThrowsAsync<DoxException>(() => Store.OpenAsync(document.Sha256, default)))!.Status, Is.EqualTo(404));
    }

    [Test]
    public async Task Content_that_somebody_wants_stays_and_is_out_of_reach_while_that_is_asked()
    {
        var (document, body) = await StageAsync();
        await Store.AcceptAsync(document, default);
        int? meanwhile = null;

        var removed = await Store.RemoveUnlessAsync(document.Sha256, async _ =>
        {
            meanwhile = (await Assert.ThrowsAsync<DoxException>(() => Store.OpenAsync(document.Sha256, default)))!.Status;
            return true;
        }, default);

        await using var content = await Store.OpenAsync(document.Sha256, default);
        Assert.That((removed, meanwhile), Is.EqualTo((false, 404)));
        Assert.That(await ReadAsync(content), Is.EqualTo(body));
    }

    [Test]
    public async Task The_same_bytes_accepted_while_they_are_removed_stay([Values] bool isSeen)
    {
        var (document, body) = await StageAsync();
        await Store.AcceptAsync(document, default);
        var (twin, _) = await StageAsync(body);

        await Store.RemoveUnlessAsync(document.Sha256, async _ =>
        {
            await Store.AcceptAsync(twin, default);
            return isSeen;
        }, default);

        await using var content = await Store.OpenAsync(document.Sha256, default);
        Assert.That(await ReadAsync(content), Is.EqualTo(body));
    }

    [Test]
    public async Task A_removal_that_was_cut_off_is_done_to_its_end_the_next_time([Values] bool isWanted)
    {
        var (document, _) = await StageAsync();
        await Store.AcceptAsync(document, default);
        await Assert.ThrowsAsync<IOException>(() => Store.RemoveUnlessAsync(document.Sha256, _ => throw new IOException("The database is away."), default));

        Assert.That(await Store.RemoveUnlessAsync(document.Sha256, _ => Task.FromResult(isWanted), default), Is.EqualTo(!isWanted));

        if (isWanted) await (await Store.OpenAsync(document.Sha256, default)).DisposeAsync();
        else Assert.That(() => Store.OpenAsync(document.Sha256, default), Throws.InstanceOf<DoxException>());
    }

    [Test]
    public async Task Accepted_content_can_be_read_from_anywhere()
    {
        var (document, body) = await StageAsync();
        await Store.AcceptAsync(document, default);
        await using var content = await Store.OpenAsync(document.Sha256, default);

        Assert.That((content.CanSeek, content.Length), Is.EqualTo((true, (long)body.Length)));
        content.Seek(-100, SeekOrigin.End);
        Assert.That(await ReadAsync(content), Is.EqualTo(body[^100..]));
        content.Position = 7;
        var range = new byte[10];
        await content.ReadExactlyAsync(range);
        Assert.That(range, Is.EqualTo(body[7..17]));
    }

    [TestCase("")]
    [TestCase("ab")]
    [TestCase("../../../../../../etc/passwd")]
    [TestCase("../../staged/doc_00000000000000000000000000000000000000000000000")]
    [TestCase("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0")]
    [TestCase("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n")]
    [TestCase("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task What_is_no_hash_finds_nothing(string sha256)
    {
        var document = new DocumentRef((await StageAsync()).Document.Id, sha256, 1, "application/pdf");

        Assert.That((await Assert.ThrowsAsync<DoxException>(() => Store.OpenAsync(sha256, default)))!.Code, Is.EqualTo("content_not_found"));
        Assert.That((await Assert.ThrowsAsync<DoxException>(() => Store.AcceptAsync(document, default)))!.Code, Is.EqualTo("content_not_found"));
        Assert.That(() => Store.LocationOf(sha256), Throws.InstanceOf<DoxException>());
    }

    private protected async Task<(DocumentRef Document, byte[] Body)> StageAsync(byte[]? body = null)
    {
        body ??= RandomNumberGenerator.GetBytes(5000);
        var id = NewId();
        var staged = await Store.StageAsync(id, new MemoryStream(body), 1_000_000, default);
        return (new DocumentRef(id, staged.Sha256, staged.Length, "application/octet-stream"), body);
    }

    private static string Hash(byte[] body) => Convert.ToHexStringLower(SHA256.HashData(body));

    private static async Task<byte[]> ReadAsync(Stream from)
    {
        using var into = new MemoryStream();
        await from.CopyToAsync(into);
        return into.ToArray();
    }
}
