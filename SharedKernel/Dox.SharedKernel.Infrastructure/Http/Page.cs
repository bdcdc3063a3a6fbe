using System.Text;
using Dox.SharedKernel.Errors;

namespace Dox.SharedKernel.Infrastructure.Http;

/// <summary>Which page of a list is asked for. The cursor is opaque: it holds the last id of the page before.</summary>
public static class Page
{
    /// <summary>How many rows a page may have.</summary>
    public const int Most = 200;

    /// <summary>How many rows it has where nothing is said.</summary>
    public const int Usual = 50;

    /// <summary>How far an offset reaches; behind it the cursor leads on.</summary>
    public const int FurthestOffset = 10_000;

    /// <summary>How many rows are counted at most, where a count is asked for.</summary>
    public const int MostCounted = 10_000;

    /// <summary>The number of rows.</summary>
    /// <exception cref="DoxException">400 <c>invalid_limit</c>.</exception>
    public static int Size(int? limit) => limit switch
    {
        null => Usual,
        >= 1 and <= Most => limit.Value,
        _ => throw Bad("limit", $"'limit' is a number from 1 to {Most}."),
    };

    /// <summary>How many rows are passed over: what clients of the earlier services page by.</summary>
    /// <exception cref="DoxException">400 <c>invalid_offset</c>.</exception>
    public static int Offset(int? offset, string? cursor) => offset switch
    {
        null or 0 => 0,
        _ when !string.IsNullOrEmpty(cursor) => throw Bad("offset", "'offset' and 'cursor' are two ways to say where a page begins; send one of them."),
        > 0 and <= FurthestOffset => offset.Value,
        _ => throw Bad("offset", $"'offset' is a number from 0 to {FurthestOffset}. Further on 'cursor' leads: it is what a page gives as next_cursor."),
    };

    /// <summary>Checks a period: its end is after its beginning.</summary>
    /// <exception cref="DoxException">400 <c>invalid_to</c>.</exception>
    public static void Period(DateTimeOffset? from, DateTimeOffset? to)
    {
        if (from >= to) throw Bad("to", "'to' is the first moment that is left out; it must be later than 'from'.");
    }

    /// <summary>400 <c>invalid_NAME</c>, with the parameter named.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="message">What it may be.</param>
    public static DoxException Bad(string name, string message) => DoxException.Invalid($"invalid_{name}", message, [new Finding(name, $"invalid_{name}", message)]);

    /// <summary>A cursor that stands behind <paramref name="lastId"/>.</summary>
    public static string Behind(string lastId) => Convert.ToBase64String(Encoding.UTF8.GetBytes(lastId)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>The id that the cursor stands behind; null for the first page.</summary>
    /// <exception cref="DoxException">400 <c>invalid_cursor</c>.</exception>
    public static string? Read(string? cursor)
    {
        if (string.IsNullOrEmpty(cursor)) return null;
        try
        {
            var text = cursor.Replace('-', '+').Replace('_', '/');
            return Encoding.UTF8.GetString(Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '=')));
        }
        catch (FormatException)
        {
            throw InvalidCursor();
        }
    }

    /// <summary>400: the cursor is none of ours.</summary>
    public static DoxException InvalidCursor() => Bad("cursor", "'cursor' is what the page before gave as next_cursor; take it as it is.");
}
