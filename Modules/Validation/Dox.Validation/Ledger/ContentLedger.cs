using System.Collections.Concurrent;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Validation.Ledger;

/// <summary>A scan of content that was sent to stay.</summary>
internal sealed record ScannedContent(string Sha256, long Length, string MediaType, ScanVerdict Verdict, string? Scanner);

/// <summary>
/// Keeps what was scanned, by which signatures, so that it can be scanned again by newer ones. Whoever writes takes along what others wait to
/// write: a commit for each upload would cost more than all of its checks.
/// </summary>
internal sealed class ContentLedger(IServiceScopeFactory scopes, TimeProvider clock) : IDisposable
{
    private const int Most = 256;

    private readonly ConcurrentQueue<(ScannedContent Content, TaskCompletionSource Done)> _waiting = new();
    private readonly SemaphoreSlim _turn = new(1, 1);

    public void Dispose() => _turn.Dispose();

    /// <summary>Returns when the scan is kept.</summary>
    public async Task NoteAsync(ScannedContent content, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue((content, done));
        while (!done.Task.IsCompleted)
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                // Not the caller's to cancel: it writes for others too
                if (!done.Task.IsCompleted) await WriteAsync(CancellationToken.None);
            }
            finally
            {
                _turn.Release();
            }
        }

        await done.Task;
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var batch = new List<(ScannedContent Content, TaskCompletionSource Done)>();
        while (batch.Count < Most && _waiting.TryDequeue(out var next)) batch.Add(next);
        try
        {
            // Another process may insert the same content at the same moment; the second time it is there
            if (!await TryWriteAsync(batch.ConvertAll(b => b.Content), last: false, cancellationToken)) await TryWriteAsync(batch.ConvertAll(b => b.Content), last: true, cancellationToken);
            foreach (var (_, done) in batch) done.SetResult();
        }
#pragma warning disable CA1031 // whatever it is, everybody who waits for this batch is told
        catch (Exception e)
#pragma warning restore CA1031
        {
            foreach (var (_, done) in batch) done.SetException(e);
        }
    }

    private async Task<bool> TryWriteAsync(List<ScannedContent> batch, bool last, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ValidationDbContext>();
        var now = clock.GetUtcNow();
        var hashes = batch.Select(c => c.Sha256).Distinct(StringComparer.Ordinal).ToList();
        var known = await db.Contents.Where(c => hashes.Contains(c.Sha256)).ToDictionaryAsync(c => c.Sha256, StringComparer.Ordinal, cancellationToken);
        foreach (var scanned in batch)
        {
            if (!known.TryGetValue(scanned.Sha256, out var record))
            {
                record = new ContentRecord { Sha256 = scanned.Sha256, Length = scanned.Length, MediaType = scanned.MediaType };
                db.Contents.Add(known[scanned.Sha256] = record);
            }

            record.SeenAt = now;
            // What people decided, or what is out of reach, another upload of the same bytes doesn't change
            if (record.State is ContentState.Quarantined or ContentState.Released) continue;
            if (record.State == ContentState.Deleted) record.State = ContentState.Staged;
            (record.Verdict, record.Scanner) = (scanned.Verdict, scanned.Scanner);
            record.Due = scanned.Verdict == ScanVerdict.NotScanned ? now : null;
        }

        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException) when (!last)
        {
            return false;
        }
    }
}
