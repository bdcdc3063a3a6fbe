using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Dox.Testing.Hosts;
using Dox.Validation.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Validation.Tests.Hosting;

internal static class ValidationHost
{
    /// <summary>The host with this module alone.</summary>
    public static Task<DoxHostFixture> StartAsync(DoxHostSetup? setup = null) =>
        DoxHostFixture.StartAsync((setup ?? new DoxHostSetup()) with { Modules = [new ValidationModule()] });

    public static Task<DoxHostFixture> StartAsync(DatabaseProvider database) => StartAsync(new DoxHostSetup { Database = database });

    public static DoxHostSetup With(this DoxHostSetup setup, params (string Key, string Value)[] settings) =>
        setup with { Settings = settings.ToDictionary(s => s.Key, s => (string?)s.Value, StringComparer.OrdinalIgnoreCase) };

    /// <summary>Stages a file as an upload does.</summary>
    public static async Task<SubmittedFile> StageAsync(this DoxHostFixture host, byte[] content, string name = "a.pdf", string? declared = null)
    {
        var id = Id<Document>.New(TimeProvider.System);
        using var stream = new MemoryStream(content);
        var staged = await host.Services.GetRequiredService<IContentStore>().StageAsync(id, stream, long.MaxValue, CancellationToken.None);
        return new(id, staged.Sha256, staged.Length, MediaTypes.Detect(staged.Head.Span), name, declared);
    }

    public static IEnumerable<string> Codes(this StepResult result) => result.Findings.Select(f => f.Code);
}
