using System.Text;
using Dox.SharedKernel.Infrastructure.Http.Uploads;

namespace Dox.SharedKernel.Tests.Uploads;

public sealed class MediaTypesTests
{
    [TestCase("%PDF-1.4", "application/pdf")]
    [TestCase("\u0089PNG\r\n\u001a\n", "image/png")]
    [TestCase("\u00ff\u00d8\u00ff\u00e0", "image/jpeg")]
    [TestCase("II*\0", "image/tiff")]
    [TestCase("MM\0*", "image/tiff")]
    [TestCase("PK\u0003\u0004", "application/zip")]
    [TestCase("MZ\u0090", "application/vnd.microsoft.portable-executable")]
    [TestCase("\n <!DOCTYPE HTML><title>", "text/html")]
    [TestCase("MZ  %PDF-1.4", "application/vnd.microsoft.portable-executable")]
    [TestCase("%PD", "application/octet-stream")]
    [TestCase("", "application/octet-stream")]
    public void The_first_bytes_tell_the_type(string head, string expected) =>
        Assert.That(MediaTypes.Detect(Encoding.Latin1.GetBytes(head)), Is.EqualTo(expected));

    [TestCase(1023, "application/pdf")]
    [TestCase(1024, "application/octet-stream")]
    public void A_pdf_may_start_within_the_first_1024_bytes(int offset, string expected) =>
        Assert.That(MediaTypes.Detect(Encoding.Latin1.GetBytes(new string('x', offset) + "%PDF-1.4" + new string('x', 2000))), Is.EqualTo(expected));
}
