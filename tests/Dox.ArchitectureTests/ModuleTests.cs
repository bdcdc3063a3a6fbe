using System.Reflection;
using Dox.ArchitectureTests.Rules;
using Dox.SharedKernel.Infrastructure.Modules;
using Bad = Dox.ArchitectureTests.BadModule;

namespace Dox.ArchitectureTests;

public sealed class ModuleTests
{
    private static readonly Assembly BadAssembly = typeof(Bad.RuleBreaker).Assembly;

    private static IEnumerable<TestCaseData> Modules() => Product.Modules.Select(m => new TestCaseData(m).SetArgDisplayNames(m.Name));

    [TestCaseSource(nameof(Modules))]
    public void Shows_its_module_class_alone(IModule module) => Assert.That(ModuleRules.OnePublicType(module.GetType().Assembly), Is.Empty);

    [TestCaseSource(nameof(Modules))]
    public void Has_one_handler_a_request(IModule module) => Assert.That(ModuleRules.OneHandlerARequest(module.GetType().Assembly, module.Contracts), Is.Empty);

    [TestCaseSource(nameof(Modules))]
    public void Has_one_handler_an_event(IModule module) => Assert.That(ModuleRules.OneHandlerAnEvent(module.GetType().Assembly), Is.Empty);

    [TestCaseSource(nameof(Modules))]
    public void Hears_no_other_module_unless_it_is_orchestration(IModule module) =>
        Assert.That(module.Name == "Orchestration" ? [] : ModuleRules.HearsOnlyItsOwn(module.GetType().Assembly, module.Contracts), Is.Empty);

    [TestCaseSource(nameof(Modules))]
    public void Hides_and_seals_its_handlers(IModule module) => Assert.That(ModuleRules.HandlersAreInternalAndSealed(module.GetType().Assembly), Is.Empty);

    [TestCaseSource(nameof(Modules))]
    public void Says_who_may_send_each_request(IModule module) =>
        Assert.That(ModuleRules.SaysWhoMaySendIt(module.GetType().Assembly).Concat(ModuleRules.SaysWhoMaySendIt(module.Contracts)), Is.Empty);

    [TestCaseSource(nameof(Modules))]
    public void Has_migrations_for_all_of_its_model_on_both_databases(IModule module) => Assert.That(Migrations.Pending(module.GetType().Assembly), Is.Empty);

    [Test]
    public void Module_that_shows_more_is_found() => Assert.That(ModuleRules.OnePublicType(BadAssembly), Has.Some.Contains(nameof(Bad.NameHelper)));

    [Test]
    public void Request_with_two_handlers_and_one_with_none_are_found()
    {
        var found = ModuleRules.OneHandlerARequest(BadAssembly, BadAssembly);

        Assert.That(found, Has.One.Contains($"{nameof(Bad.TwiceHandled)} has 2 handlers"));
        Assert.That(found, Has.One.Contains($"{nameof(Bad.Unhandled)} has 0 handlers"));
    }

    [Test]
    public void Event_that_is_heard_twice_is_found() => Assert.That(ModuleRules.OneHandlerAnEvent(BadAssembly), Has.One.Contains($"{nameof(Bad.Happened)} has 2 handlers"));

    [Test]
    public void Event_of_another_module_is_found() =>
        Assert.That(ModuleRules.HearsOnlyItsOwn(BadAssembly, BadAssembly), Has.One.Contains("of another module; only Orchestration does that"));

    [Test]
    public void Handler_that_is_public_is_found() => Assert.That(ModuleRules.HandlersAreInternalAndSealed(BadAssembly), Has.One.Contains(nameof(Bad.OpenHandler)));

    [Test]
    public void Request_that_says_nothing_is_found() => Assert.That(ModuleRules.SaysWhoMaySendIt(BadAssembly), Has.One.Contains(nameof(Bad.Unhandled)));

    [Test]
    public void Model_without_its_migration_and_context_for_one_database_are_found()
    {
        var found = Migrations.Pending(BadAssembly);

        Assert.That(found, Has.One.EqualTo("BadDbContext's model isn't what its migrations make: run Modules/add-migration.sh."));
        Assert.That(found, Has.One.Contains("has a context for one database alone"));
    }
}
