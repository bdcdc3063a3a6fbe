using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

#pragma warning disable CA1000 // IParsable and New are what makes an id usable without naming its kind twice

namespace Dox.SharedKernel.Ids;

/// <summary>A kind of thing that has ids of its own.</summary>
public interface IIdKind
{
    /// <summary>What its ids start with, for example <c>doc</c>.</summary>
    static abstract string Prefix { get; }
}

/// <summary>
/// An id: a UUIDv7 behind its kind's prefix, written <c>doc_0193…</c> (prefix, underscore, 32 hexadecimal digits). Ids made later sort later.
/// </summary>
/// <typeparam name="TKind">What it identifies, so that ids of two kinds can't be mixed up.</typeparam>
[JsonConverter(typeof(IdJsonConverterFactory))]
public readonly record struct Id<TKind>(Guid Value) : IParsable<Id<TKind>>, IComparable<Id<TKind>>
    where TKind : IIdKind
{
    /// <summary>A new id of this moment.</summary>
    public static Id<TKind> New(TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        return new(Guid.CreateVersion7(clock.GetUtcNow()));
    }

    /// <inheritdoc/>
    public static Id<TKind> Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException($"Not an id of the form {TKind.Prefix}_…: 32 hexadecimal digits follow the prefix.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Id<TKind> result)
    {
        result = default;
        if (s is null || s.Length != TKind.Prefix.Length + 33) return false;
        if (!s.StartsWith(TKind.Prefix, StringComparison.Ordinal) || s[TKind.Prefix.Length] != '_') return false;
        if (!Guid.TryParseExact(s.AsSpan(TKind.Prefix.Length + 1), "N", out var value)) return false;
        result = new(value);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Id<TKind> other) => Value.CompareTo(other.Value);

    /// <summary>Whether <paramref name="left"/> was made before <paramref name="right"/>.</summary>
    public static bool operator <(Id<TKind> left, Id<TKind> right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> was made after <paramref name="right"/>.</summary>
    public static bool operator >(Id<TKind> left, Id<TKind> right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> isn't later than <paramref name="right"/>.</summary>
    public static bool operator <=(Id<TKind> left, Id<TKind> right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> isn't earlier than <paramref name="right"/>.</summary>
    public static bool operator >=(Id<TKind> left, Id<TKind> right) => left.CompareTo(right) >= 0;

    /// <summary>The written form.</summary>
    public override string ToString() => $"{TKind.Prefix}_{Value:N}";
}
