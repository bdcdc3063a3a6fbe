using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Infrastructure.Http;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Documents;

/// <summary>
/// The words that a document is found by: of its name, and of the values in its metadata and extracted fields. Kept in one column, so that both
/// databases find the same; PostgreSQL has an index on them, SQLite looks through them.
/// </summary>
internal static class DocumentWords
{
    private const int LongestWord = 64;
    private const int LongestText = 4000;
    private const int MostAsked = 10;

    // What the index is on, letter by letter: another text of the same meaning wouldn't be found there
    private const string Matching = "SELECT * FROM orchestration.documents WHERE array_to_tsvector(string_to_array(btrim(words), ' ')) @@ {0}::tsquery";

    /// <summary>Each word once, in small letters, a blank before and behind each; empty where there is none.</summary>
    /// <param name="fileName">The document's name.</param>
    /// <param name="json">JSON objects, of which the values count; null for none.</param>
    public static string Of(string fileName, params ReadOnlySpan<string?> json)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        var text = new StringBuilder();
        Add(fileName, words, text);
        foreach (var part in json)
        {
            if (part is not null) AddValues(JsonNode.Parse(part), words, text);
        }

        return text.ToString();
    }

    /// <summary>The documents that have, for each word that is asked for, one that begins with it.</summary>
    /// <exception cref="SharedKernel.Errors.DoxException">400 <c>invalid_query</c>.</exception>
    public static IQueryable<DocumentRecord> Having(OrchestrationDbContext db, string query)
    {
        var asked = Split(query).Distinct(StringComparer.Ordinal).ToList();
        if (asked.Count is 0 or > MostAsked) throw Page.Bad("query", $"'query' is 1 to {MostAsked} words of letters and digits: of a document's name, its metadata or its fields.");
        if (db.Database.IsNpgsql()) return db.Documents.FromSqlRaw(Matching, string.Join(" & ", asked.Select(word => $"'{word}':*")));
        return asked.Aggregate(db.Documents.AsQueryable(), (documents, word) =>
        {
            var begins = " " + word;
            return documents.Where(d => d.Words.Contains(begins));
        });
    }

    private static void AddValues(JsonNode? node, HashSet<string> words, StringBuilder text)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (_, value) in map) AddValues(value, words, text);
                break;
            case JsonArray list:
                foreach (var value in list) AddValues(value, words, text);
                break;
            case JsonValue value when value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number:
                Add(value.ToString(), words, text);
                break;
        }
    }

    private static void Add(string written, HashSet<string> words, StringBuilder text)
    {
        foreach (var word in Split(written))
        {
            if (text.Length + word.Length + 2 > LongestText || !words.Add(word)) continue;
            if (text.Length == 0) text.Append(' ');
            text.Append(word).Append(' ');
        }
    }

    // Letters and digits alone: none of them means anything in a tsquery
    private static IEnumerable<string> Split(string text)
    {
        var word = new StringBuilder();
        foreach (var rune in Folded(text).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                if (word.Length < LongestWord - 1) word.Append(rune);
                continue;
            }

            if (word.Length > 0) yield return word.ToString();
            word.Clear();
        }

        if (word.Length > 0) yield return word.ToString();
    }

    private static string Folded(string text)
    {
        try
        {
            return text.Normalize(NormalizationForm.FormKC).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            // Half a surrogate pair: nothing to fold there
            return text.ToLowerInvariant();
        }
    }
}
