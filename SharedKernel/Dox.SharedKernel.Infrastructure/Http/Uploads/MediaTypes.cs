using System.Text;

namespace Dox.SharedKernel.Infrastructure.Http.Uploads;

/// <summary>Media types, told by magic bytes.</summary>
public static class MediaTypes
{
    /// <summary>Bytes from the start of a file within which a PDF's header may stand.</summary>
    public const int PdfHeaderWindow = 1024;

    /// <summary><c>application/octet-stream</c>: nothing that is known.</summary>
    public const string Unknown = "application/octet-stream";

    /// <summary><c>application/pdf</c></summary>
    public const string Pdf = "application/pdf";

    /// <summary><c>image/png</c></summary>
    public const string Png = "image/png";

    /// <summary><c>image/jpeg</c></summary>
    public const string Jpeg = "image/jpeg";

    /// <summary><c>image/tiff</c></summary>
    public const string Tiff = "image/tiff";

    private static readonly (byte[] Magic, string Type)[] s_signatures =
    [
        ([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a], Png),
        ([0xff, 0xd8, 0xff], Jpeg),
        ("II*\0"u8.ToArray(), Tiff),
        ("MM\0*"u8.ToArray(), Tiff),
        ("II+\0"u8.ToArray(), Tiff),
        ("MM\0+"u8.ToArray(), Tiff),
        ("PK\x03\x04"u8.ToArray(), "application/zip"),
        ("PK\x05\x06"u8.ToArray(), "application/zip"),
        ("Rar!\x1a\x07"u8.ToArray(), "application/vnd.rar"),
        ([(byte)'7', (byte)'z', 0xbc, 0xaf, 0x27, 0x1c], "application/x-7z-compressed"),
        ([0x7f, (byte)'E', (byte)'L', (byte)'F'], "application/x-elf"),
        ("MZ"u8.ToArray(), "application/vnd.microsoft.portable-executable"),
        ([0xca, 0xfe, 0xba, 0xbe], "application/java-vm"),
        ([0xcf, 0xfa, 0xed, 0xfe], "application/x-mach-binary"),
        ([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], "application/x-ole-storage"),
        ([0x1f, 0x8b], "application/gzip"),
        ("BZh"u8.ToArray(), "application/x-bzip2"),
        ([0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0x00], "application/x-xz"),
        ([0x28, 0xb5, 0x2f, 0xfd], "application/zstd"),
        ("MSCF\0\0\0\0"u8.ToArray(), "application/vnd.ms-cab-compressed"),
        ("xar!"u8.ToArray(), "application/x-xar"),
        ([0x60, 0xea], "application/x-arj"),
        ("GIF87a"u8.ToArray(), "image/gif"),
        ("GIF89a"u8.ToArray(), "image/gif"),
        ("{\\rtf"u8.ToArray(), "application/rtf"),
        ("%!PS"u8.ToArray(), "application/postscript"),
        ("#!"u8.ToArray(), "text/x-shellscript"),
    ];

    private static readonly (string Start, string Type)[] s_markup =
    [
        ("<!doctype html", "text/html"), ("<html", "text/html"), ("<head", "text/html"), ("<body", "text/html"), ("<script", "text/html"),
        ("<iframe", "text/html"), ("<svg", "image/svg+xml"), ("<?xml", "application/xml"), ("<?php", "application/x-httpd-php"),
    ];

    /// <summary>The type of a file by its first bytes. What stands at the very start wins; a PDF's header may come within the first 1024 bytes.</summary>
    /// <param name="head">The first bytes, 1024 or more where the file has them.</param>
    public static string Detect(ReadOnlySpan<byte> head)
    {
        if (AtStart(head) is { } type) return type;
        return PdfHeaderOffset(head) >= 0 ? Pdf : Unknown;
    }

    /// <summary>The type whose signature is at the very start, a PDF's header included; null for none.</summary>
    public static string? AtStart(ReadOnlySpan<byte> head)
    {
        foreach (var (magic, type) in s_signatures)
        {
            if (head.StartsWith(magic)) return type;
        }

        if (PdfHeaderOffset(head) == 0) return Pdf;
        if (head.Length >= 12 && head.StartsWith("RIFF"u8)) return head[8..].StartsWith("WEBP"u8) ? "image/webp" : "application/x-riff";
        if (head.Length >= 12 && head[4..].StartsWith("ftyp"u8)) return "video/mp4";
        if (head.Length >= 262 && head[257..].StartsWith("ustar"u8)) return "application/x-tar";
        return Markup(head);
    }

    /// <summary>Where a PDF's header starts within the first 1024 bytes; -1 for nowhere.</summary>
    public static int PdfHeaderOffset(ReadOnlySpan<byte> head) => head[..Math.Min(head.Length, PdfHeaderWindow + 4)].IndexOf("%PDF-"u8);

    private static string? Markup(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith(Encoding.UTF8.Preamble)) head = head[Encoding.UTF8.Preamble.Length..];
        head = head.TrimStart(" \t\r\n\f"u8);
        Span<char> start = stackalloc char[14];
        var length = Encoding.Latin1.GetChars(head[..Math.Min(head.Length, start.Length)], start);
        foreach (var (markup, type) in s_markup)
        {
            if (((ReadOnlySpan<char>)start[..length]).StartsWith(markup, StringComparison.OrdinalIgnoreCase)) return type;
        }

        return null;
    }
}
