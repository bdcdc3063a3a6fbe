using System.Threading.RateLimiting;
using Dox.SharedKernel.Errors;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Http.Uploads;

/// <summary>Lets so many bodies in at a time, and none for longer than its time: a sender that is slow on purpose holds up nobody.</summary>
public sealed class UploadGate : IDisposable
{
    // A place is free whenever any of them ends: nobody knows when that is
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(2);

    private readonly ConcurrencyLimiter? _places;
    private readonly TimeSpan _time;
    private readonly TimeProvider _clock;

    /// <summary>Makes the gate of this process.</summary>
    public UploadGate(IOptions<UploadOptions> options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_time, _clock) = (TimeSpan.FromSeconds(options.Value.TimeoutSeconds), clock);
        if (options.Value.MaxConcurrent is { } most) _places = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = most, QueueLimit = 0 });
    }

    /// <inheritdoc/>
    public void Dispose() => _places?.Dispose();

    /// <summary>Reads a body, if there is a place for it.</summary>
    /// <exception cref="DoxException">503 <c>too_many_uploads</c>; 408 <c>upload_too_slow</c>.</exception>
    internal async Task<T> PassAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var place = _places?.AttemptAcquire();
        if (place is { IsAcquired: false })
            throw new DoxException(503, "too_many_uploads", "As many uploads come in as may at the same time. Try again in a moment.") { RetryAfter = s_again };
        using var late = new CancellationTokenSource(_time, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await read(either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DoxException(408, "upload_too_slow", $"The body didn't come within {_time.TotalSeconds} s. Try again over a faster line.");
        }
    }
}
