using Dox.ArchitectureTests.Rules;
using Dox.Testing;

namespace Dox.ArchitectureTests;

public sealed class ProjectReferenceTests
{
    private static readonly string BadProject =
        Path.Combine(Repository.Root, "tests", "Dox.ArchitectureTests.BadModule", "Dox.ArchitectureTests.BadModule.csproj");

    [Test]
    public void Projects_reference_only_what_the_table_allows() => Assert.That(ProjectReferences.Violations(Repository.Root, ProjectReferences.Table), Is.Empty);

    [Test]
    public void Reference_that_is_not_in_the_table_is_named_with_those_that_are() =>
        Assert.That(
            ProjectReferences.Violations("Dox.Validation.Contracts", ProjectReferences.References(BadProject), ProjectReferences.Table),
            Is.EqualTo(["Dox.Validation.Contracts -> Dox.SharedKernel.Infrastructure is not allowed; allowed: Dox.SharedKernel"]));

    [Test]
    public void Module_may_not_look_into_another_module() =>
        Assert.That(ProjectReferences.Violations("Dox.Validation", ["Dox.TemplateMatching.Contracts"], ProjectReferences.Table), Has.Exactly(1).Items);

    [Test]
    public void Project_that_the_table_does_not_know_fails()
    {
        var table = ProjectReferences.Table.Where(p => p.Key != "Dox.ArchitectureTests.BadModule").ToDictionary(StringComparer.Ordinal);

        Assert.That(ProjectReferences.Violations(Repository.Root, table), Is.EqualTo(["Dox.ArchitectureTests.BadModule isn't in the table of who may reference whom."]));
    }
}
