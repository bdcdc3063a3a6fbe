using Dox.SharedKernel.Infrastructure.Http.Uploads;

namespace Dox.Validation;

/// <summary>The types that DOX opens, and names of others.</summary>
internal static class FileTypes
{
    public static IReadOnlyDictionary<string, string> ByExtension { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["pdf"] = MediaTypes.Pdf,
        ["png"] = MediaTypes.Png,
        ["jpg"] = MediaTypes.Jpeg,
        ["jpeg"] = MediaTypes.Jpeg,
        ["tiff"] = MediaTypes.Tiff,
        ["tif"] = MediaTypes.Tiff,
    };

    private static readonly HashSet<string> s_programs = new(StringComparer.Ordinal)
    {
        "exe", "com", "scr", "pif", "cpl", "msi", "msp", "dll", "sys", "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "js", "jse", "mjs", "ws", "wsf", "wsh", "hta", "lnk",
        "inf", "reg", "url", "jar", "class", "war", "apk", "ipa", "app", "dmg", "pkg", "deb", "rpm", "sh", "bash", "run", "bin", "elf", "so", "py", "pyc", "pl", "rb",
        "php", "php3", "php4", "php5", "php7", "phtml", "phar", "asp", "aspx", "ashx", "asmx", "jsp", "jspx", "cgi", "htm", "html", "xhtml", "shtml", "mht", "svg", "svgz",
    };

    private static readonly HashSet<string> s_others = new(StringComparer.Ordinal)
    {
        "xml", "xsl", "zip", "rar", "7z", "gz", "tgz", "bz2", "xz", "tar", "cab", "iso", "img", "vhd", "ace", "arj", "lzh", "doc", "docx", "docm", "dot", "dotm", "xls",
        "xlsx", "xlsm", "xlsb", "xlt", "ppt", "pptx", "pptm", "rtf", "odt", "ods", "odp", "one", "pub", "chm", "hlp", "eml", "msg", "swf", "gif", "bmp", "webp", "ico",
        "heic", "txt", "csv", "json", "yaml", "yml", "ini", "cfg", "htaccess", "ps", "eps", "mp3", "mp4", "avi", "mov", "wav",
    };

    /// <summary>Whether a system runs files that are named so.</summary>
    public static bool IsProgram(string extension) => s_programs.Contains(extension);

    /// <summary>
    /// Whether it is an extension of some type, and not a part of a name: "invoice.exe.pdf" runs where the last one is cut off, and
    /// "Invoice 12.03.2026.pdf" has one extension alone.
    /// </summary>
    public static bool IsKnown(string extension) => s_programs.Contains(extension) || s_others.Contains(extension) || ByExtension.ContainsKey(extension);

    /// <summary>A media type by the name that is registered for it.</summary>
    public static string Canonical(string mediaType) => mediaType.ToLowerInvariant() switch
    {
        "image/jpg" or "image/pjpeg" or "image/jfif" => MediaTypes.Jpeg,
        "image/x-png" => MediaTypes.Png,
        "image/tif" or "image/x-tiff" or "image/x-tif" => MediaTypes.Tiff,
        "application/x-pdf" or "application/acrobat" or "text/pdf" or "text/x-pdf" => MediaTypes.Pdf,
        var other => other,
    };

    /// <summary>Whether what a sender declared says nothing: tools send these for whatever file.</summary>
    public static bool SaysNothing(string? mediaType) =>
        mediaType is null or "" or MediaTypes.Unknown or "binary/octet-stream" or "application/binary" or "application/x-www-form-urlencoded";

    /// <summary>With its dot, lower case; empty without one.</summary>
    public static string ExtensionOf(string fileName) => Path.GetExtension(fileName).ToLowerInvariant();
}
