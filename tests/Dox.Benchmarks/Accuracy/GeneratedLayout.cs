using System.Globalization;
using Dox.DocumentReading;

namespace Dox.Benchmarks.Accuracy;

/// <summary>
/// A layout drawn from a seed, as a sender's program would print it: letterhead, title, labels with values beside or under them, sentences, a table that
/// grows, totals under it, a footer. Its members differ in what documents differ in, and in what printers and scanners do to them.
/// </summary>
internal sealed class GeneratedLayout
{
    private const double Width = 595;
    private const double Height = 842;
    private const string Syllables = "ba|ro|mi|ten|sol|ka|ver|dun|pel|gra|fi|lo|nor|zim|hal|que";

    private readonly Vocabulary _words;
    private readonly string _sender;
    private readonly string _street;
    private readonly string _town;
    private readonly string[] _labels;
    private readonly string[] _columns;
    private readonly string[] _totals;
    private readonly string[] _sentences;
    private readonly string[] _footer;
    private readonly double[] _places;
    private readonly double _char;

    private GeneratedLayout(string id, string family, Vocabulary words, string kind, Random random)
    {
        (Id, Family, _words, Kind) = (id, family, words, kind);
        _sender = Capital(Syllable(random) + Syllable(random) + Syllable(random)) + " " + Capital(Syllable(random) + Syllable(random)) + (words.Language == "de" ? " GmbH" : words.Language == "en" ? " Ltd" : " SARL");
        _street = Pick(words.Streets, random) + " " + random.Next(1, 99);
        _town = Pick(words.Towns, random);
        _labels = Some(words.Labels, random.Next(5, 11), random);
        _columns = Some(words.Columns, random.Next(3, 7), random);
        _totals = Some(words.Totals, random.Next(2, 4), random);
        _sentences = Some(words.Sentences, random.Next(2, 5), random);
        _footer = Some(words.Footer, random.Next(3, 6), random);
        _places = [.. Enumerable.Range(0, 8).Select(_ => random.NextDouble())];
        _char = 0.0075 + 0.003 * random.NextDouble();
    }

    public string Id { get; }

    /// <summary>Of the same sender.</summary>
    public string Family { get; }

    public string Kind { get; }

    public string Language => _words.Language;

    /// <summary>Layouts of senders of their own; every fourth sender has a second kind of document that looks the same but for its title and one sentence.</summary>
    public static IReadOnlyList<GeneratedLayout> Draw(int seed, int senders)
    {
        var layouts = new List<GeneratedLayout>();
        for (var i = 0; i < senders; i++)
        {
            var words = Vocabulary.All[i % Vocabulary.All.Count];
            var random = new Random(unchecked(seed * 7919 + i));
            var kind = random.Next(words.Kinds.Length - 1);
            layouts.Add(new($"s{seed}-{i}", $"s{seed}-{i}", words, words.Kinds[kind], new Random(unchecked(seed * 104729 + i))));
            if (i % 4 == 0) layouts.Add(new($"s{seed}-{i}-twin", $"s{seed}-{i}-twin", words, words.Kinds[^1], new Random(unchecked(seed * 104729 + i))));
        }

        return layouts;
    }

    /// <summary>A member; the same number is the same document.</summary>
    /// <param name="number">Which.</param>
    /// <param name="damage">How much of its words a scanner loses or misreads, 0 to 1.</param>
    public DocumentText Member(int number, double damage)
    {
        var random = new Random(unchecked(StableHash(Id) * 31 + number));
        var pages = new List<List<PageWord>> { new() };
        var y = 0.05 + 0.03 * _places[0];
        var left = 0.07 + 0.05 * _places[1];
        var atRight = _places[2] > 0.5;
        Put(pages[0], _sender, atRight ? 0.62 : left, y, 1.5);
        Put(pages[0], $"{_street} {_town}", atRight ? 0.62 : left, y + 0.03, 0.9);
        string[] recipient = [$"{Pick(_words.Names, random)} {Pick(_words.Goods, random)}", Pick(_words.Names, random), $"{Pick(_words.Streets, random)} {random.Next(1, 200)}", $"{random.Next(10000, 99999)} {Pick(_words.Towns, random)}"];
        for (var i = 0; i < recipient.Length; i++) Put(pages[0], recipient[i], left, 0.16 + 0.018 * i, 1);
        y = 0.27 + 0.06 * _places[3];
        Put(pages[0], Kind, left, y, 1.7);
        y += 0.04;
        // What it is about, printed as large as what it is
        if (_places[7] < 0.3) Put(pages[0], $"{Pick(_words.Goods, random)} {Pick(_words.Names, random)}", left, y, 1.7);
        y += 0.02;
        y = Labels(pages[0], left, y, random);
        foreach (var sentence in _sentences.Take(2).Where(_ => !IsLeftOut(random))) Put(pages[0], sentence, left, y += 0.022, 1);
        y += 0.035;
        var step = (0.9 - left) / _columns.Length;
        for (var c = 0; c < _columns.Length; c++) Put(pages[0], _columns[c], left + step * c, y, 1);
        for (var row = random.Next(1, 5) + (random.Next(6) == 0 ? 20 : 0); row > 0; row--)
        {
            if ((y += 0.021) > 0.86)
            {
                pages.Add([]);
                y = 0.08;
            }

            for (var c = 0; c < _columns.Length; c++) Put(pages[^1], c == 1 ? Pick(_words.Goods, random) : Money(random), left + step * c, y, 1);
        }

        foreach (var total in _totals)
        {
            Put(pages[^1], total, 0.55, y += 0.024, 1);
            Put(pages[^1], Money(random) + " EUR", 0.8, y, 1);
        }

        foreach (var sentence in _sentences.Skip(2)) Put(pages[^1], sentence, left, y += 0.026, 1);
        foreach (var page in pages)
        {
            for (var i = 0; i < _footer.Length; i++) Put(page, $"{_footer[i]} {_sender.Split(' ')[i % 2]}", left + (0.9 - left) / _footer.Length * i, 0.955, 0.8);
        }

        return Document(pages, random, damage);
    }

    private double Labels(List<PageWord> page, double left, double y, Random random)
    {
        var isBeside = _places[4] > 0.4;
        if (isBeside)
        {
            var x = _places[5] > 0.5 ? 0.55 : left;
            foreach (var label in _labels)
            {
                if (IsLeftOut(random)) continue;
                Put(page, label + (_places[6] > 0.5 ? ":" : ""), x, y += 0.019, 1);
                Put(page, Value(label, random), x + 0.24, y, 1);
            }

            return y + 0.02;
        }

        for (var i = 0; i < _labels.Length; i++)
        {
            if (IsLeftOut(random)) continue;
            var x = left + 0.29 * (i % 3);
            if (i % 3 == 0) y += 0.04;
            Put(page, _labels[i], x, y, 0.8);
            Put(page, Value(_labels[i], random), x, y + 0.017, 1);
        }

        return y + 0.04;
    }

    // Half of the senders print what there is; a line less moves all that follows.
    private bool IsLeftOut(Random random) => _places[0] > 0.5 && random.NextDouble() < 0.3;

    // A shift and a scale of the whole page, a little unrest of each word, words lost and misread.
    private static DocumentText Document(List<List<PageWord>> pages, Random random, double damage)
    {
        var (dx, dy) = ((random.NextDouble() - 0.5) * 0.04, (random.NextDouble() - 0.5) * 0.04);
        var scale = 1 + (random.NextDouble() - 0.5) * 0.05;
        PageWord Printed(PageWord w)
        {
            var box = w.Box;
            var x = 0.5 + (box.X - 0.5) * scale + dx + (random.NextDouble() - 0.5) * 0.003;
            var y = 0.5 + (box.Y - 0.5) * scale + dy + (random.NextDouble() - 0.5) * 0.002;
            var text = random.NextDouble() < damage && w.Text.Length > 2 ? w.Text[..1] + "x" + w.Text[2..] : w.Text;
            return new(text, new(x, y, box.W * scale, box.H * scale));
        }

        return new()
        {
            PageCount = pages.Count,
            HasText = true,
            Pages =
            [
                .. pages.Select((words, i) => new PageText
                {
                    Number = i + 1,
                    Width = Width,
                    Height = Height,
                    HasText = true,
                    Words = [.. words.Where(_ => random.NextDouble() >= damage / 2).Select(Printed)],
                }),
            ],
        };
    }

    private void Put(List<PageWord> page, string text, double x, double y, double size)
    {
        var height = 0.0115 * size;
        foreach (var word in text.Split(' '))
        {
            var width = _char * size * word.Length;
            page.Add(new(word, new(x, y - height / 2, width, height)));
            x += width + _char * size * 0.6;
        }
    }

    private string Value(string label, Random random) => (StableHash(label) & 3) switch
    {
        0 => $"{random.Next(1, 29)}. {Pick(_words.Months, random)} 2026",
        1 => string.Create(CultureInfo.InvariantCulture, $"{random.Next(1, 29):00}.{random.Next(1, 13):00}.2026"),
        2 => $"{(char)('A' + random.Next(26))}{random.Next(1000, 999999)}",
        _ => Pick(_words.Names, random),
    };

    private string Money(Random random) => $"{random.Next(1, 900)}{_words.Decimal}{random.Next(10, 99)}";

    private static string Syllable(Random random) => Pick(Syllables.Split('|'), random);

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private static string Pick(string[] words, Random random) => words[random.Next(words.Length)];

    private static string[] Some(string[] words, int count, Random random)
    {
        var some = words.ToArray();
        random.Shuffle(some);
        return some[..Math.Min(count, some.Length)];
    }

    private static int StableHash(string text) => text.Aggregate(17, (hash, c) => unchecked(hash * 31 + c)) & int.MaxValue;
}
