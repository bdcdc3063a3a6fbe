using CsCheck;
using Dox.Validation.Scanning;

namespace Dox.Validation.Tests.Scanning;

internal sealed class ClamdReplyTests
{
    private static readonly string[] Words = ["stream: OK", " FOUND", " ERROR", "stream: ", "\0"];

    [TestCase("stream: OK", "Clean", null)]
    [TestCase("stream: Win.Test.EICAR_HDB-1 FOUND", "Infected", "Win.Test.EICAR_HDB-1")]
    [TestCase("stream: Heuristics.Phishing.Email FOUND", "Infected", "Heuristics.Phishing.Email")]
    [TestCase("stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND", "Unscannable", "Heuristics.Limits.Exceeded.MaxRecursion")]
    [TestCase("stream: Heuristics.Encrypted.PDF FOUND", "Unscannable", "Heuristics.Encrypted.PDF")]
    [TestCase("INSTREAM size limit exceeded. ERROR", "Unscannable", "INSTREAM size limit exceeded.")]
    [TestCase("stream: Can't allocate memory ERROR", "Error", "stream: Can't allocate memory")]
    public void A_reply_is_read(string reply, string outcome, string? detail) =>
        Assert.That(ClamdReply.Parse(reply), Is.EqualTo(new ClamdReply(Enum.Parse<ClamdOutcome>(outcome), detail)));

    [TestCase("")]
    [TestCase("OK")]
    [TestCase("stream: OK ")]
    [TestCase("stream:  FOUND")]
    [TestCase("PONG")]
    [TestCase("HTTP/1.1 200 OK")]
    public void What_clamd_does_not_say_is_no_reply(string reply) => Assert.That(ClamdReply.Parse(reply), Is.Null);

    [Test]
    public void Only_the_exact_words_are_clean() =>
        Gen.Frequency(
                (3, Gen.Select(Gen.String, Gen.Int[0, Words.Length - 1].Select(i => Words[i]), Gen.String, (a, b, c) => a + b + c)),
                (1, Gen.String[Gen.Char["stream: OKFOUNDERR\0\n"], 0, 40]))
            .Sample(text =>
            {
                var reply = ClamdReply.Parse(text);
                Assert.That(reply?.Outcome == ClamdOutcome.Clean, Is.EqualTo(text == "stream: OK"));
                Assert.That(reply?.Detail?.Length ?? 0, Is.LessThanOrEqualTo(200));
            });

    [TestCase("ClamAV 1.4.6/27812/Tue Nov 24 09:26:11 2026", "ClamAV 1.4.6", "27812")]
    [TestCase("ClamAV 1.4.6", "ClamAV 1.4.6", null)]
    [TestCase("ClamAV 1.4.6/0/", "ClamAV 1.4.6", null)]
    public void A_version_is_read(string reply, string engine, string? signatures)
    {
        var version = ClamdVersion.Parse(reply)!;
        Assert.That((version.Engine, version.Signatures), Is.EqualTo((engine, signatures)));
    }

    [Test]
    public void Whatever_comes_as_a_version_is_read_or_refused() => Gen.String.Sample(text => ClamdVersion.Parse("ClamAV " + text)?.Engine.Length is null or <= 200);
}
