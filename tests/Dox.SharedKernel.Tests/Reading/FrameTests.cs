using System.Text.Json;
using CsCheck;
using Dox.DocumentReading;

namespace Dox.SharedKernel.Tests.Reading;

public sealed class FrameTests : ReaderTests
{
    [Test]
    public void Any_bytes_are_a_frame_an_end_or_invalid() => Gen.Byte.Array[0, 64].Sample(bytes =>
    {
        try
        {
            _ = Frames.ReadAsync(new MemoryStream(bytes), ReadingJson.Default.ReadingRequest, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (InvalidDataException)
        {
            // The one exception that is allowed
        }
    });

    [Test]
    public void Requests_survive_the_wire_however_it_cuts_them() => Gen.Select(Gen.String[0, 40], Gen.Int[0, 1 << 20], Gen.Int[1, 9]).Sample(
        (type, length, cut) =>
        {
            var request = new ReadingRequest
            {
                Operation = ReadingOperation.Text,
                MediaType = type,
                ContentLength = length,
                DeadlineMilliseconds = 1,
                Text = new TextLimits { MaxWords = length },
            };
            var wire = new MemoryStream();
            Frames.WriteAsync(wire, request, ReadingJson.Default.ReadingRequest, CancellationToken.None).GetAwaiter().GetResult();
            var back = Frames.ReadAsync(new DrippingStream(wire.ToArray(), cut), ReadingJson.Default.ReadingRequest, CancellationToken.None)
                .GetAwaiter().GetResult();
            // Half a surrogate pair can't cross as it is
            return back == request with { MediaType = back!.MediaType } && back.MediaType.Length == type.Length;
        });

    [Test]
    public async Task Lying_length_costs_no_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        await using var wire = new MemoryStream([0x03, 0xFF, 0xFF, 0xFF, 1, 2, 3]);
        Assert.That(
            async () => await Frames.ReadAsync(wire, ReadingJson.Default.ReadingRequest, CancellationToken.None),
            Throws.InstanceOf<InvalidDataException>());
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2 << 20));
    }

    [Test]
    public void Wire_is_snake_case()
    {
        var json = JsonSerializer.Serialize(
            new DocumentInspection { Outcome = ReadingOutcome.OutOfMemory, Encryption = DocumentEncryption.EmptyPassword, HeaderOffset = 3 },
            ReadingJson.Default.DocumentInspection);

        Assert.That(json, Does.Contain("\"outcome\":\"out_of_memory\"").And.Contain("\"header_offset\":3").And.Contain("\"encryption\":\"empty_password\""));
    }

    [Test]
    public async Task Mutated_pdfs_always_get_an_outcome()
    {
        var pdf = TestPdf.WithPage().Catalog("/OpenAction<</S/JavaScript/JS(x)>>").BuildWithObjectStream(1, 2, 3);
        var random = new Random(20);
        for (var i = 0; i < 200; i++)
        {
            var mutant = pdf.ToArray();
            for (var change = 0; change < 1 + (i % 8); change++) mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
            var (inspection, text) = (await InspectAsync(mutant), await ReadTextAsync(mutant));

            Assert.That(inspection.Message, Is.Not.Empty.And.Not.Contain("Exception"));
            Assert.That((inspection.Code == "ok", text.Code == "ok"), Is.EqualTo((inspection.IsOk, text.IsOk)));
        }
    }

    private sealed class DrippingStream(byte[] content, int most) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);
    }
}
