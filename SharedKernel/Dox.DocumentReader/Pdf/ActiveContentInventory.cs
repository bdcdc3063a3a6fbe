using Dox.DocumentReading;
using UglyToad.PdfPig.Tokenization.Scanner;
using UglyToad.PdfPig.Tokens;

namespace Dox.DocumentReader.Pdf;

/// <summary>
/// Walks every object on its own, so that no reference need be followed and no loop can catch it. Keys and names arrive with their
/// #xx escapes decoded.
/// </summary>
internal sealed class ActiveContentInventory(IPdfTokenScanner scanner, int maxDepth)
{
    private const int MaxEntries = 200;
    private const int MaxDetail = 200;
    private readonly Dictionary<(ActiveContentKind, string?), (long Object, int Count)> _found = [];
    private readonly Stack<(IToken Token, int Depth)> _open = new();

    public IReadOnlyList<ActiveContent> Found => _found
        .Select(f => new ActiveContent(f.Key.Item1, f.Key.Item2, f.Value.Object, f.Value.Count))
        .OrderBy(f => f.Kind)
        .ThenBy(f => f.ObjectNumber)
        .ToList();

    /// <summary>Dictionaries with an <c>EF</c> entry: files, by the name the document gives them.</summary>
    public List<DictionaryToken> FileSpecifications { get; } = [];

    public void Visit(long number, IToken token)
    {
        _open.Push((token, 0));
        while (_open.TryPop(out var next))
        {
            if (next.Depth > maxDepth)
                throw new RefusedException(ReadingOutcome.TooLarge, "pdf_too_deep", $"An object is nested more than {maxDepth} levels deep.");
            switch (next.Token)
            {
                case StreamToken stream:
                    _open.Push((stream.StreamDictionary, next.Depth));
                    break;
                case ArrayToken array:
                    foreach (var item in array.Data) Push(item, next.Depth);
                    break;
                case DictionaryToken dictionary:
                    Look(number, dictionary);
                    foreach (var value in dictionary.Data.Values) Push(value, next.Depth);
                    break;
                default:
                    break;
            }
        }
    }

    public void Add(ActiveContentKind kind, string? detail, long number)
    {
        detail = Clean(detail);
        var key = (kind, detail);
        if (_found.TryGetValue(key, out var known)) _found[key] = known with { Count = known.Count + 1 };
        else if (_found.Count < MaxEntries) _found[key] = (number, 1);
        // Details without end must not push out a kind that wasn't seen yet
        else if (!_found.Keys.Any(k => k.Item1 == kind)) _found[key] = (number, 1);
    }

    private void Push(IToken token, int depth)
    {
        if (token is DictionaryToken or ArrayToken or StreamToken) _open.Push((token, depth + 1));
    }

    private void Look(long number, DictionaryToken dictionary)
    {
        LookForAction(number, dictionary);
        foreach (var (key, value) in dictionary.Data)
        {
            switch (key)
            {
                case "JavaScript":
                    Add(ActiveContentKind.JavaScript, "name tree", number);
                    break;
                case "JS" when ScriptOf(value) is { } script && ActionOf(dictionary) != "JavaScript":
                    Add(ActiveContentKind.JavaScript, script, number);
                    break;
                case "OpenAction":
                    Add(ActiveContentKind.OpenAction, scanner.Dictionary(value) is { } action ? ActionOf(action) ?? "unknown" : "GoTo", number);
                    break;
                case "AA":
                    LookForTriggers(number, value);
                    break;
                case "XFA":
                    Add(ActiveContentKind.Xfa, null, number);
                    break;
                case "RichMediaContent" or "RichMediaSettings":
                    Add(ActiveContentKind.RichMedia, "RichMedia", number);
                    break;
                case "Subtype" when scanner.Text(value) is "RichMedia" or "Screen" or "Movie" or "Sound" or "3D":
                    Add(ActiveContentKind.RichMedia, scanner.Text(value), number);
                    break;
                case "EF" when scanner.Dictionary(value) is not null:
                    FileSpecifications.Add(dictionary);
                    break;
                default:
                    break;
            }
        }
    }

    private void LookForAction(long number, DictionaryToken dictionary)
    {
        switch (ActionOf(dictionary))
        {
            case "JavaScript":
                Add(ActiveContentKind.JavaScript, ScriptOf(dictionary.Value("JS")), number);
                break;
            case "Launch":
                Add(ActiveContentKind.Launch, Target(dictionary) ?? Target(scanner.Dictionary(dictionary.Value("Win"))), number);
                break;
            case "SubmitForm":
                Add(ActiveContentKind.SubmitForm, Target(dictionary), number);
                break;
            case "ImportData":
                Add(ActiveContentKind.ImportData, Target(dictionary), number);
                break;
            case "GoToR":
                Add(ActiveContentKind.GoToRemote, Target(dictionary), number);
                break;
            case "GoToE":
                Add(ActiveContentKind.GoToEmbedded, Target(dictionary), number);
                break;
            case "Rendition" or "RichMediaExecute" or "Movie" or "Sound" or "GoTo3DView":
                Add(ActiveContentKind.RichMedia, ActionOf(dictionary), number);
                break;
            default:
                break;
        }
    }

    private void LookForTriggers(long number, IToken value)
    {
        if (scanner.Dictionary(value) is not { } triggers) return;
        foreach (var (trigger, action) in triggers.Data)
        {
            // A resource may be named AA too; only what holds actions is one
            if (scanner.Dictionary(action) is { } dictionary && ActionOf(dictionary) is { } kind)
                Add(ActiveContentKind.AdditionalAction, $"{trigger}: {kind}", number);
        }
    }

    private string? ActionOf(DictionaryToken dictionary) =>
        dictionary.Value("S") is { } kind && scanner.Resolve(kind) is NameToken name ? name.Data : null;

    private string? ScriptOf(IToken? value) => scanner.Resolve(value) switch
    {
        StringToken text => text.Data,
        HexToken hex => hex.Data,
        StreamToken stream when stream.StreamDictionary.Value("Subtype") is null => "in a stream",
        _ => null,
    };

    private string? Target(DictionaryToken? action)
    {
        if (action?.Value("F") is not { } file) return null;
        return scanner.Text(file)
            ?? (scanner.Dictionary(file) is { } specification ? EmbeddedFiles.NameOf(scanner, specification) : null);
    }

    private static string? Clean(string? detail)
    {
        if (detail is null) return null;
        var head = detail.AsSpan(0, Math.Min(detail.Length, MaxDetail));
        return string.Create(head.Length, detail, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++) to[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? ' ' : from[i];
        }).Trim();
    }
}
