namespace Dox.Orchestration.Engine;

/// <summary>The time that a UUIDv7 carries: the run's start, to the millisecond. History lies by it.</summary>
internal static class IdTime
{
    private const long LastMillisecond = 253_402_300_799_999;

    /// <summary>When the id was made, UTC.</summary>
    public static DateTimeOffset Of(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = 0L;
        foreach (var part in bytes[..6]) milliseconds = (milliseconds << 8) | part;
        return milliseconds <= LastMillisecond ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : DateTimeOffset.MaxValue;
    }

    /// <summary>No id of that time or later is smaller than this, and each earlier one is.</summary>
    public static Guid First(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        var milliseconds = Math.Max(0, time.ToUnixTimeMilliseconds());
        for (var i = 5; i >= 0; i--, milliseconds >>= 8) bytes[i] = (byte)milliseconds;
        return new Guid(bytes, bigEndian: true);
    }
}
