using System.ComponentModel;

namespace Dox.Validation.Scanning;

/// <summary>What clamd said of a stream.</summary>
internal enum ClamdOutcome
{
    Clean,
    Infected,

    /// <summary>Its limits or an encryption kept it from looking at all of it.</summary>
    Unscannable,

    /// <summary>It failed, and tells why.</summary>
    Error,
}

/// <summary>A reply to INSTREAM.</summary>
/// <param name="Outcome">The verdict.</param>
/// <param name="Detail">The signature's name, or the error; null for a clean one.</param>
[ImmutableObject(true)]
internal sealed record ClamdReply(ClamdOutcome Outcome, string? Detail = null)
{
    private const int MostDetail = 200;
    private const string Prefix = "stream: ";
    private const string Found = " FOUND";
    private const string Error = " ERROR";
    private const string SizeLimit = "INSTREAM size limit exceeded.";

    /// <summary>Reads a reply; null where it is none that clamd gives. Nothing but the exact words is clean.</summary>
    public static ClamdReply? Parse(string reply)
    {
        if (reply == "stream: OK") return new(ClamdOutcome.Clean);
        if (reply.StartsWith(Prefix, StringComparison.Ordinal) && reply.EndsWith(Found, StringComparison.Ordinal) && reply.Length > Prefix.Length + Found.Length)
        {
            var name = Cut(reply[Prefix.Length..^Found.Length]);
            // With AlertExceedsMax and AlertEncrypted clamd reports what it didn't look at as if it were a virus
            return name.StartsWith("Heuristics.Limits.", StringComparison.Ordinal) || name.StartsWith("Heuristics.Encrypted.", StringComparison.Ordinal)
                ? new(ClamdOutcome.Unscannable, name)
                : new(ClamdOutcome.Infected, name);
        }

        if (!reply.EndsWith(Error, StringComparison.Ordinal)) return null;
        var error = Cut(reply[..^Error.Length].Trim());
        return error.StartsWith(SizeLimit, StringComparison.Ordinal) ? new(ClamdOutcome.Unscannable, SizeLimit) : new(ClamdOutcome.Error, error);
    }

    private static string Cut(string text) => text.Length <= MostDetail ? text : text[..MostDetail];
}

/// <summary>Who clamd says it is.</summary>
/// <param name="Engine">For example <c>ClamAV 1.4.6</c>.</param>
/// <param name="Signatures">Version of its signatures; null where it has none that are numbered.</param>
/// <param name="Full">All that it says: differs when anything differs.</param>
internal sealed record ClamdVersion(string Engine, string? Signatures, string Full)
{
    /// <summary>For example <c>ClamAV 1.4.6/27812/Tue Nov 24 09:26:11 2026</c>; null where it is no version.</summary>
    public static ClamdVersion? Parse(string reply)
    {
        if (!reply.StartsWith("ClamAV ", StringComparison.Ordinal) || reply.Length > 200 || reply.Any(char.IsControl)) return null;
        var parts = reply.Split('/');
        return new(parts[0], parts.Length > 1 && long.TryParse(parts[1], out var version) && version > 0 ? parts[1] : null, reply);
    }
}
