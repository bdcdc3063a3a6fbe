using Dox.Validation.Contracts;
using Dox.Validation.Files;
using Dox.Validation.Tests.Hosting;

namespace Dox.Validation.Tests.Steps;

internal sealed class CorporaTests
{
    private static readonly string[] Ours = [".pdf", ".png", ".jpg", ".tif"];

    [Test]
    public async Task Of_files_of_all_types_only_ours_pass_and_none_by_another_name()
    {
        var corpora = Corpora();
        await using var host = await ValidationHost.StartAsync();
        var wrong = new List<string>();
        var passed = 0;

        foreach (var path in Directory.EnumerateFiles(Path.Combine(corpora, "file-types")).Order(StringComparer.Ordinal))
        {
            var content = await File.ReadAllBytesAsync(path);
            var extension = Path.GetExtension(path);
            foreach (var name in Ours.Select(e => "file" + e))
            {
                var result = await host.SendAsync(new ValidateUpload.Query(await host.StageAsync(content, name)));
                if (result.FinalStatus == FinalStatus.Valid && Path.GetExtension(name) == extension) passed++;
                else if (result.FinalStatus == FinalStatus.Valid) wrong.Add($"{Path.GetFileName(path)} passes as {name}");
                else if (Path.GetExtension(name) == extension) wrong.Add($"{Path.GetFileName(path)} is refused: {result.Errors[0].Code}, {result.Errors[0].Message}");
            }
        }

        Assert.That(wrong, Is.Empty);
        Assert.That(passed, Is.GreaterThan(3));
    }

    [Test]
    public async Task No_real_pdf_is_taken_for_a_polyglot([Values("pdf-viewer", "pdf-library", "invoices", "e-invoices")] string folder)
    {
        var paths = Directory.GetFiles(Path.Combine(Corpora(), folder), "*.pdf", SearchOption.AllDirectories);
        await using var host = await ValidationHost.StartAsync();
        var wrong = new List<string>();

        foreach (var path in paths)
        {
            var result = await host.SendAsync(new CheckMimeType(await host.StageAsync(await File.ReadAllBytesAsync(path))));
            wrong.AddRange(result.Findings.Where(f => f.Code == "polyglot").Select(f => $"{Path.GetFileName(path)}: {f.Evidence}"));
        }

        Assert.That(paths, Is.Not.Empty);
        Assert.That(wrong, Is.Empty);
    }

    private static string Corpora()
    {
        var corpora = Environment.GetEnvironmentVariable("DOX_CORPORA");
        if (string.IsNullOrEmpty(corpora)) Assert.Ignore("DOX_CORPORA isn't set: there are no files from the wild to look at.");
        return corpora!;
    }
}
