using System.Text;
using ADRaffy.ENSNormalize;
using Dox.SharedKernel.Errors;

namespace Dox.SharedKernel.Infrastructure.Http.Uploads;

/// <summary>What becomes of a name that a sender gave: metadata to show, never a path.</summary>
public static class FileNames
{
    private const int MaxBytes = 255;

    private static readonly HashSet<string> s_reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "con", "prn", "aux", "nul", "conin$", "conout$",
        "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
        "lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
    };

    /// <summary>
    /// Strips path parts, direction overrides and the like, composes (NFC), and puts <c>_</c> before a name that is a device on Windows.
    /// </summary>
    /// <exception cref="DoxException">400 <c>bad_file_name</c> for NUL, other control characters, broken Unicode, or nothing left; 400 <c>file_name_too_long</c> over 255 bytes of UTF-8.</exception>
    public static string Clean(string submitted)
    {
        ArgumentNullException.ThrowIfNull(submitted);
        var kept = new StringBuilder(submitted.Length);
        for (var i = 0; i < submitted.Length; i++)
        {
            if (!Rune.TryGetRuneAt(submitted, i, out var rune)) throw Bad("The file's name is broken Unicode. Rename the file.");
            if (!rune.IsBmp) i++;
            if (Rune.IsControl(rune)) throw Bad("The file's name has a control character. Rename the file.");
            if (rune.Value is '/' or '\\') kept.Clear();
            else if (!IsDeceptive(rune.Value)) kept.Append(rune);
        }

        var name = Compose(kept.ToString()).Trim().TrimEnd('.', ' ');
        if (name.Length == 0) throw Bad("Nothing is left of the file's name without its path. Give it a name.");
        var stem = name.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? name[..dot] : name;
        if (s_reserved.Contains(stem.TrimEnd())) name = "_" + name;
        if (Encoding.UTF8.GetByteCount(name) is var bytes && bytes > MaxBytes)
        {
            throw new DoxException(400, "file_name_too_long", $"The file's name has {bytes} bytes; {MaxBytes} are allowed. Rename the file.",
                [new Finding("file_name", "file_name_too_long", $"At most {MaxBytes} bytes of UTF-8.", $"{bytes}", $"{MaxBytes}")]);
        }

        return name;
    }

    // Direction marks and overrides (gpj.exe reads as exe.jpg), line separators, and what takes no room; joiners are part of scripts and stay
    private static bool IsDeceptive(int c) =>
        c is (>= 0x202a and <= 0x202e) or (>= 0x2066 and <= 0x2069) or 0x200e or 0x200f or 0x061c or 0x2028 or 0x2029 or 0x200b or 0x2060 or 0xfeff;

    // Under InvariantGlobalization string.Normalize leaves everything as it is. Below U+0300 nothing composes.
    private static string Compose(string name) => name.Any(c => c >= '\u0300') ? ENSNormalize.NF.NFC(name) : name;

    private static DoxException Bad(string message) => DoxException.Invalid("bad_file_name", message);
}
