using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Validation.Ledger;

/// <summary>A scan of content that was sent to stay.</summary>
internal sealed record ScannedContent(string Sha256, long Length, string MediaType, ScanVerdict Verdict, string? Scanner);

/// <summary>Keeps what was scanned, by which signatures, so that it can be scanned again by newer ones.</summary>
internal sealed class ContentLedger : IDisposable
{
    private const int Most = 256;

    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _clock;
    private readonly SharedWrites<ScannedContent, bool> _writes;

    public ContentLedger(IServiceScopeFactory scopes, TimeProvider clock) => (_scopes, _clock, _writes) = (scopes, clock, new(Most, WriteAsync));

    public void Dispose() => _writes.Dispose();

    /// <summary>Returns when the scan is kept.</summary>
    public Task NoteAsync(ScannedContent content, CancellationToken cancellationToken) => _writes.WriteAsync(content, cancellationToken);

    private async Task<IReadOnlyList<bool>> WriteAsync(IReadOnlyList<ScannedContent> batch)
    {
        // Another process may insert the same content at the same moment; the second time it is there
        if (!await TryWriteAsync(batch, last: false)) await TryWriteAsync(batch, last: true);
        return new bool[batch.Count];
    }

    private async Task<bool> TryWriteAsync(IReadOnlyList<ScannedContent> batch, bool last)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ValidationDbContext>();
        var now = _clock.GetUtcNow();
        var hashes = batch.Select(c => c.Sha256).Distinct(StringComparer.Ordinal).ToList();
        var known = await db.Contents.Where(c => hashes.Contains(c.Sha256)).ToDictionaryAsync(c => c.Sha256, StringComparer.Ordinal);
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
            await db.SaveChangesAsync();
            return true;
        }
        catch (DbUpdateException) when (!last)
        {
            return false;
        }
    }
}
