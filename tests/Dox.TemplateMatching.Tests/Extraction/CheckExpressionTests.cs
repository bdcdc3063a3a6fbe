using Dox.TemplateMatching.Extraction;

namespace Dox.TemplateMatching.Tests.Extraction;

[TestFixture]
public sealed class CheckExpressionTests
{
    private static readonly Dictionary<string, decimal> Values = new(StringComparer.Ordinal) { ["net"] = 100m, ["tax"] = 19m, ["total"] = 119m, ["zero"] = 0 };

    [TestCase("net + tax == total", true)]
    [TestCase("net + tax == total + 0.005", true)]
    [TestCase("net + tax == total + 0.01", false)]
    [TestCase("net * 0.19 == tax", true)]
    [TestCase("(net + tax) * 2 - total == total", true)]
    [TestCase("total - net - tax == 0", true)]
    [TestCase("-net < 0", true)]
    [TestCase("net != total", true)]
    [TestCase("net >= total", false)]
    [TestCase("total / net > 1.1", true)]
    public void A_comparison_holds_or_does_not(string text, bool expected) => Assert.That(CheckExpression.Parse(text).Holds(Values), Is.EqualTo(expected));

    [TestCase("net == missing")]
    [TestCase("net / zero == 1")]
    public void Nothing_is_said_where_it_cannot_be_computed(string text) => Assert.That(CheckExpression.Parse(text).Holds(Values), Is.Null);

    [TestCase("")]
    [TestCase("net")]
    [TestCase("net +")]
    [TestCase("net == total == tax")]
    [TestCase("net == (total")]
    [TestCase("1.2.3 == net")]
    [TestCase("net = total")]
    [TestCase("net.GetType() == 1")]
    public void What_is_no_comparison_is_refused_with_its_place(string text) =>
        Assert.That(() => CheckExpression.Parse(text), Throws.TypeOf<FormatException>().With.Message.Contains("column"));

    [Test]
    public void Deep_nesting_is_refused() => Assert.That(() => CheckExpression.Parse(new string('(', 190) + "1 == 1"), Throws.TypeOf<FormatException>());
}
