using Dox.SharedKernel.Infrastructure.Data;
using Dox.TemplateMatching.Templates;
using Dox.Testing.Hosts;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.TemplateMatching.Tests.Templates;

public sealed class ReplicaTemplateTests
{
    [Test, CancelAfter(60_000)]
    public async Task Other_process_finds_what_this_one_stored(CancellationToken cancellationToken)
    {
        await using var first = await DoxHostFixture.StartAsync(DatabaseProvider.PostgreSql);
        await using var second = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = DatabaseProvider.PostgreSql,
            SharesWith = first,
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:TemplateMatching:ReloadInterval"] = "00:00:00.1" },
        });

        await first.SendAsync(new PublishTemplate.Command(null, StoredTemplateTests.Text("acme.shared", "Shared"), new()), cancellationToken: cancellationToken);

        var catalog = second.Services.GetRequiredService<TemplateCatalog>();
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (catalog.Current.Find("acme.shared") is null) await look.WaitForNextTickAsync(cancellationToken);
        Assert.That(catalog.Get("acme.shared").Stored!.Revision, Is.EqualTo(1));
    }
}
