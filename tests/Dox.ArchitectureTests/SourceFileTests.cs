using Dox.ArchitectureTests.BadModule;
using Dox.ArchitectureTests.Rules;
using Dox.Testing;

namespace Dox.ArchitectureTests;

public sealed class SourceFileTests
{
    [Test]
    public void Files_are_short() => Assert.That(SourceFiles.TooLong(Repository.Root), Is.Empty);

    [Test]
    public void Long_file_is_found()
    {
        var folder = Directory.CreateTempSubdirectory("dox-test-");
        try
        {
            File.WriteAllLines(Path.Combine(folder.FullName, "Short.cs"), Enumerable.Repeat("//", 399));
            File.WriteAllLines(Path.Combine(folder.FullName, "Long.cs"), Enumerable.Repeat("//", 400));

            Assert.That(SourceFiles.TooLong(folder.FullName), Is.EqualTo(["Long.cs has 400 lines; a file has under 400."]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Test]
    public void Names_of_files_say_something() =>
        Assert.That(
            SourceFiles.EmptyNames(SourceFiles.Under(Repository.Root, "*.cs").Where(f => !f.Contains("BadModule", StringComparison.Ordinal)).Select(f => Path.GetFileNameWithoutExtension(f))),
            Is.Empty);

    [Test]
    public void Names_of_types_say_something() =>
        Assert.That(SourceFiles.EmptyNames(Product.Assemblies.SelectMany(a => a.GetTypes()).Select(t => t.Name.Split('`')[0]).Where(n => !n.StartsWith('<'))), Is.Empty);

    [Test]
    public void Empty_name_is_found() =>
        Assert.That(SourceFiles.EmptyNames([nameof(NameHelper), "CommonName", "Commons", "Manageress"]), Is.EqualTo(["NameHelper says nothing of what it does.", "CommonName says nothing of what it does."]));
}
