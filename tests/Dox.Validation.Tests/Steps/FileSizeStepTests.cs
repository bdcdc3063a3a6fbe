using Dox.SharedKernel.Ids;
using Dox.Validation.Contracts;
using Dox.Validation.Steps;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Tests.Steps;

internal sealed class FileSizeStepTests
{
    private const long Max = 2L * 1024 * 1024;

    [TestCase(0, 413, "file_empty")]
    [TestCase(1, 200, null)]
    [TestCase(Max, 200, null)]
    [TestCase(Max + 1, 413, "file_too_large")]
    public async Task The_limits_are_exact_to_the_byte(long length, int status, string? code)
    {
        var step = new FileSizeStep(Options.Create(new ValidationOptions { MaxFileSizeMb = 2 }));

        var result = await step.CheckAsync(new SubmittedFile(Id<Document>.New(TimeProvider.System), new string('0', 64), length, "application/pdf", "a.pdf"), CancellationToken.None);

        Assert.That((result.Passed, result.HttpStatus, result.Findings.SingleOrDefault()?.Code), Is.EqualTo((code is null, status, code)));
        if (code is not null) Assert.That(result.Findings[0].MaxAllowed, Is.EqualTo($"{Max}"));
    }
}
