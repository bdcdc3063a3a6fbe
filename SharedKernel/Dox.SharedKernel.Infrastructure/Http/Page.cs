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

    /// <summary>The number of rows.</summary>
    /// <exception cref="DoxException">400 <c>invalid_limit</c>.</exception>
    public static int Size(int? limit) => limit switch
    {
        null => Usual,
        >= 1 and <= Most => limit.Value,
        _ => throw DoxException.Invalid("invalid_limit", $"'limit' is a number from 1 to {Most}."),
    };

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
    public static DoxException InvalidCursor() => DoxException.Invalid("invalid_cursor", "'cursor' is what the page before gave as next_cursor; take it as it is.");
}
