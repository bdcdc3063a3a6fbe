using Dox.DocumentReading;
using Dox.SharedKernel.Infrastructure.Reading;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Tests.Reading;

/// <summary>Tests with a pool of real child processes, one pool a fixture.</summary>
public abstract class ReaderTests
{
    private DocumentReaderPool _pool = null!;

    internal DocumentReaderPool Pool => _pool;

    [OneTimeSetUp]
    public void MakePool() => _pool = NewPool();

    [OneTimeTearDown]
    public async Task EndPool() => await _pool.DisposeAsync();

    internal static DocumentReaderPool NewPool(Action<DocumentReaderOptions>? configure = null)
    {
        // A machine that builds and tests in parallel is slow; what is read here takes milliseconds
        var options = new DocumentReaderOptions { Processes = 2, TimeLimit = TimeSpan.FromSeconds(20) };
        configure?.Invoke(options);
        Assert.That(options.Problems(), Is.Empty);
        return new DocumentReaderPool(Options.Create(options), NullLogger<DocumentReaderPool>.Instance);
    }

    internal Task<DocumentInspection> InspectAsync(byte[] file, string type = "application/pdf", InspectionLimits? limits = null) =>
        InspectAsync(_pool, file, type, limits);

    internal static async Task<DocumentInspection> InspectAsync(
        DocumentReaderPool pool, byte[] file, string type = "application/pdf", InspectionLimits? limits = null)
    {
        await using var content = new MemoryStream(file, writable: false);
        return await pool.InspectAsync(content, file.Length, type, limits ?? new InspectionLimits(), CancellationToken.None);
    }

    internal Task<DocumentText> ReadTextAsync(byte[] file, string type = "application/pdf", TextLimits? limits = null) =>
        ReadTextAsync(_pool, file, type, limits);

    internal static async Task<DocumentText> ReadTextAsync(
        DocumentReaderPool pool, byte[] file, string type = "application/pdf", TextLimits? limits = null)
    {
        await using var content = new MemoryStream(file, writable: false);
        return await pool.ReadTextAsync(content, file.Length, type, limits ?? new TextLimits(), CancellationToken.None);
    }
}
