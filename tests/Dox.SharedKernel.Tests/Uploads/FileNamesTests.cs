using System.Text;
using CsCheck;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Http.Uploads;

namespace Dox.SharedKernel.Tests.Uploads;

public sealed class FileNamesTests
{
    [TestCase("../../etc/passwd.pdf", "passwd.pdf")]
    [TestCase("C:\\Users\\me\\scan.tif", "scan.tif")]
    [TestCase("invoice\u202Efdp.exe", "invoicefdp.exe")]
    [TestCase("Ma\u0308rz.pdf", "März.pdf")]
    [TestCase("nul.pdf", "_nul.pdf")]
    [TestCase("COM1", "_COM1")]
    [TestCase("console.pdf", "console.pdf")]
    [TestCase(" a.pdf. . ", "a.pdf")]
    [TestCase("请求书 👩‍💻.pdf", "请求书 👩‍💻.pdf")]
    public void A_name_is_cleaned(string submitted, string expected) => Assert.That(FileNames.Clean(submitted), Is.EqualTo(expected));

    [TestCase("a\0.pdf")]
    [TestCase("a\r\n.pdf")]
    [TestCase("a\u0085.pdf")]
    [TestCase("..")]
    [TestCase("")]
    public void A_name_that_cannot_be_cleaned_is_refused(string submitted) =>
        Assert.That(() => FileNames.Clean(submitted), Throws.InstanceOf<DoxException>().With.Property(nameof(DoxException.Code)).EqualTo("bad_file_name"));

    [Test]
    public void A_broken_surrogate_is_refused() => // An attribute's text can't hold one
        A_name_that_cannot_be_cleaned_is_refused("\ud83d.pdf");

    [Test]
    public void The_length_counts_bytes()
    {
        Assert.That(FileNames.Clean(new string('ü', 127)), Has.Length.EqualTo(127));
        Assert.That(() => FileNames.Clean(new string('ü', 128)), Throws.InstanceOf<DoxException>());
    }

    [Test]
    public void Whatever_comes_the_result_is_harmless_and_cleaning_it_again_changes_nothing() =>
        Gen.String.Sample(submitted =>
        {
            string name;
            try
            {
                name = FileNames.Clean(submitted);
            }
            catch (DoxException)
            {
                return;
            }

            Assert.That(name, Is.Not.Empty.And.Not.EqualTo("..").And.Not.Contains("/").And.Not.Contains("\\"));
            Assert.That(name.Any(char.IsControl), Is.False);
            Assert.That(Encoding.UTF8.GetByteCount(name), Is.LessThanOrEqualTo(255));
            Assert.That(FileNames.Clean(name), Is.EqualTo(name));
        });
}
