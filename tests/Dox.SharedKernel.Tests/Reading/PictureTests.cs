using System.Buffers.Binary;
using Dox.DocumentReading;
using SkiaSharp;

namespace Dox.SharedKernel.Tests.Reading;

public sealed class PictureTests : ReaderTests
{
    [TestCase("image/png")]
    [TestCase("image/jpeg")]
    public async Task Picture_that_decodes_is_sound(string type)
    {
        var result = await InspectAsync(Picture(type), type);

        Assert.That((result.Outcome, result.Width, result.Height, result.Pages, result.MediaType), Is.EqualTo((ReadingOutcome.Ok, 64, 48, 1, type)));
    }

    [TestCase("image/png", 4)]
    [TestCase("image/png", 2)]
    [TestCase("image/jpeg", 2)]
    public async Task Picture_that_is_cut_off_is_broken(string type, int part)
    {
        var file = Picture(type);
        var result = await InspectAsync(file[..(file.Length * (part - 1) / part)], type);

        Assert.That(result.Outcome, Is.EqualTo(ReadingOutcome.Broken));
        Assert.That(result.Code, Is.EqualTo("image_truncated").Or.EqualTo("image_unreadable"));
    }

    [Test]
    public async Task Huge_dimensions_are_refused_by_the_header_alone()
    {
        var file = Picture("image/png");
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), 60_000);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), 60_000);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(29), Crc(file.AsSpan(12, 17)));
        var result = await InspectAsync(file, "image/png");

        Assert.That((result.Outcome, result.Code), Is.EqualTo((ReadingOutcome.TooLarge, "image_too_large")));
        Assert.That(result.Message, Does.Contain("60000 by 60000").And.Contain("4000 by 4000"));
    }

    [Test]
    public async Task Limits_on_pixels_come_with_the_request()
    {
        var limits = new InspectionLimits { MaxWidth = 63 };

        Assert.That((await InspectAsync(Picture("image/png"), "image/png", limits)).Code, Is.EqualTo("image_too_large"));
        Assert.That((await InspectAsync(Tiff(pages: 1, width: 64), "image/tiff", limits)).Code, Is.EqualTo("image_too_large"));
    }

    [Test]
    public async Task Picture_of_another_type_is_broken()
    {
        var result = await InspectAsync(Picture("image/jpeg"), "image/png");

        Assert.That((result.Outcome, result.Code), Is.EqualTo((ReadingOutcome.Broken, "image_of_another_type")));
    }

    [Test]
    public async Task Every_image_of_a_tiff_is_decoded()
    {
        var result = await InspectAsync(Tiff(pages: 3, width: 16), "image/tiff");

        Assert.That((result.Outcome, result.Pages, result.Width, result.Height), Is.EqualTo((ReadingOutcome.Ok, 3, 16, 8)), result.Message);
    }

    [Test]
    public async Task Tiff_limits_and_damage_are_told()
    {
        var many = await InspectAsync(Tiff(pages: 3, width: 16), "image/tiff", new InspectionLimits { MaxPages = 2 });
        var cut = Tiff(pages: 2, width: 16);
        var broken = await InspectAsync(cut[..^140], "image/tiff");
        var nothing = await InspectAsync("II*\0nothing"u8.ToArray(), "image/tiff");

        Assert.That((many.Outcome, many.Code), Is.EqualTo((ReadingOutcome.TooLarge, "tiff_too_many_images")));
        Assert.That((broken.Outcome, nothing.Outcome), Is.EqualTo((ReadingOutcome.Broken, ReadingOutcome.Broken)));
    }

    [Test]
    public async Task Garbage_is_broken()
    {
        foreach (var type in new[] { "image/png", "image/jpeg", "image/tiff" })
        {
            var result = await InspectAsync([1, 2, 3, 4, 5, 6, 7, 8], type);
            Assert.That((result.Outcome, result.Code), Is.EqualTo((ReadingOutcome.Broken, "image_unreadable")), type);
        }
    }

    private static byte[] Picture(string type)
    {
        using var bitmap = new SKBitmap(64, 48);
        for (var y = 0; y < 48; y++)
        {
            for (var x = 0; x < 64; x++) bitmap.SetPixel(x, y, new SKColor((byte)((x * 37) ^ (y * 91)), (byte)(x * y), (byte)(x + y)));
        }

        using var data = bitmap.Encode(type == "image/png" ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }

    private static byte[] Tiff(int pages, int width)
    {
        const int Height = 8;
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("II*\0"u8);
        writer.Write(8);
        for (var page = 0; page < pages; page++)
        {
            (short Tag, int Value)[] entries =
            [
                (256, width), (257, Height), (258, 8), (259, 1), (262, 1), (273, 0), (277, 1), (278, Height), (279, width * Height),
            ];
            var pixels = (int)file.Position + 2 + (entries.Length * 12) + 4;
            writer.Write((short)entries.Length);
            foreach (var (tag, value) in entries)
            {
                writer.Write(tag);
                writer.Write((short)4);
                writer.Write(1);
                writer.Write(tag == 273 ? pixels : value);
            }

            writer.Write(page == pages - 1 ? 0 : pixels + (width * Height));
            writer.Write(new byte[width * Height]);
        }

        return file.ToArray();
    }

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0xEDB88320);
        }

        return ~crc;
    }
}
