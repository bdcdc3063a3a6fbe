using Dox.TemplateMatching.Matching;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching;

/// <summary>Section <c>Dox:TemplateMatching</c>.</summary>
internal sealed class TemplateMatchingOptions
{
    public const string Section = "Dox:TemplateMatching";

    /// <summary>Folders with template definitions, separated by <c>;</c>. Relative ones start at the application's folder.</summary>
    public string TemplatesPath { get; set; } = "templates";

    /// <summary>How often to look for changed templates, in the folders and in the database, at least 100 ms.</summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Over it a match is accepted without a person, 0 to 1.</summary>
    public double AcceptOver { get; set; } = 0.85;

    /// <summary>From it on a person confirms a match; under it a person picks one. 0 to 1.</summary>
    public double ReviewFrom { get; set; } = 0.50;

    /// <summary>Under it a template doesn't count as similar at all, 0 to 1.</summary>
    public double UnknownUnder { get; set; } = 0.20;

    /// <summary>What the best must be ahead of the best of another family, 0 to 1.</summary>
    public double Margin { get; set; } = 0.10;

    /// <summary>What words count for where a template has form fields, 0 to 1; form fields count for the rest.</summary>
    public double TextShare { get; set; } = 0.70;

    /// <summary>Templates that are scored for a document, 1 to 200.</summary>
    public int MaxScored { get; set; } = 20;

    /// <summary>Pages of a document that are read, 1 to 500.</summary>
    public int MaxPages { get; set; } = 30;

    /// <summary>Words of a document that are read, 100 to 200000.</summary>
    public int MaxWords { get; set; } = 20_000;

    /// <summary>Bytes of a file that a template is learned from, or that is sent to be recognised, from 1000.</summary>
    public long MaxSampleBytes { get; set; } = 20 * 1024 * 1024;

    /// <summary>How long <c>dmtxread</c> may look for a code, in milliseconds, 50 to 10000; 0 leaves DataMatrix codes unread.</summary>
    public int DataMatrixMilliseconds { get; set; } = 300;

    public IReadOnlyList<string> Folders => TemplatesPath.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Languages that text of pictures is recognised in, as <c>tesseract</c> names them, joined by <c>+</c>.</summary>
    public string OcrLanguages { get; set; } = "deu+eng";

    /// <summary>Seconds that recognising one document optically may take, 0 to 600; 0 switches it off.</summary>
    public int OcrSeconds { get; set; } = 40;

    /// <summary>Pages of a document that are recognised optically, 1 to 100.</summary>
    public int OcrPages { get; set; } = 10;

    /// <summary>Days for which the layout of a document that no template fits is remembered, so that documents like it propose one, 0 to 3650; 0 switches that off.</summary>
    public int UnknownDays { get; set; } = 30;

    /// <summary>Unknown documents that are remembered, the newest, 10 to 10000.</summary>
    public int UnknownMost { get; set; } = 500;

    public Thresholds Thresholds => new(AcceptOver, ReviewFrom, UnknownUnder, Margin, TextShare);

    internal sealed class Validator : IValidateOptions<TemplateMatchingOptions>
    {
        public ValidateOptionsResult Validate(string? name, TemplateMatchingOptions options)
        {
            var problems = Problems(options).Select(p => $"{Section}:{p}").ToList();
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }

        private static IEnumerable<string> Problems(TemplateMatchingOptions o)
        {
            if (string.IsNullOrWhiteSpace(o.TemplatesPath)) yield return "TemplatesPath is empty: name the folder with the templates.";
            if (o.ReloadInterval < TimeSpan.FromMilliseconds(100)) yield return $"ReloadInterval is {o.ReloadInterval}; it must be at least 00:00:00.1.";
            foreach (var (key, value) in new[]
                     {
                         (nameof(AcceptOver), o.AcceptOver), (nameof(ReviewFrom), o.ReviewFrom), (nameof(UnknownUnder), o.UnknownUnder),
                         (nameof(Margin), o.Margin), (nameof(TextShare), o.TextShare),
                     })
            {
                if (value is not (>= 0 and <= 1)) yield return $"{key} is {value}; it must be 0 to 1.";
            }

            if (o.ReviewFrom > o.AcceptOver) yield return $"ReviewFrom ({o.ReviewFrom}) is over AcceptOver ({o.AcceptOver}).";
            if (o.UnknownUnder > o.ReviewFrom) yield return $"UnknownUnder ({o.UnknownUnder}) is over ReviewFrom ({o.ReviewFrom}).";
            if (o.MaxScored is < 1 or > 200) yield return $"MaxScored is {o.MaxScored}; it must be 1 to 200.";
            if (o.MaxPages is < 1 or > 500) yield return $"MaxPages is {o.MaxPages}; it must be 1 to 500.";
            if (o.MaxSampleBytes < 1_000) yield return $"MaxSampleBytes is {o.MaxSampleBytes}; it must be at least 1000.";
            if (o.MaxWords is < 100 or > 200_000) yield return $"MaxWords is {o.MaxWords}; it must be 100 to 200000.";
            if (o.UnknownDays is < 0 or > 3_650) yield return $"UnknownDays is {o.UnknownDays}; it must be 0 to 3650.";
            if (o.UnknownMost is < 10 or > 10_000) yield return $"UnknownMost is {o.UnknownMost}; it must be 10 to 10000.";
            if (o.OcrSeconds is < 0 or > 600) yield return $"OcrSeconds is {o.OcrSeconds}; it must be 0 to 600.";
            if (o.OcrPages is < 1 or > 100) yield return $"OcrPages is {o.OcrPages}; it must be 1 to 100.";
            if (o.OcrLanguages.Length == 0 || !o.OcrLanguages.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '_'))
                yield return $"OcrLanguages is '{o.OcrLanguages}'; write tesseract's names of languages joined by '+', for example deu+eng.";
            if (o.DataMatrixMilliseconds is not (0 or (>= 50 and <= 10_000)))
                yield return $"DataMatrixMilliseconds is {o.DataMatrixMilliseconds}; it must be 0, or 50 to 10000.";
        }
    }
}
