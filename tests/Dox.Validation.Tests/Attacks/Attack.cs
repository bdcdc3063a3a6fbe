using Dox.Validation.Contracts;

namespace Dox.Validation.Tests.Attacks;

/// <summary>A file that is made to get past the door, and what it gets.</summary>
/// <param name="What">In a few words.</param>
/// <param name="Name">The name that it is sent by.</param>
/// <param name="Make">Its bytes, made when the test runs.</param>
/// <param name="Status">Of the whole.</param>
/// <param name="Http">Of the answer.</param>
/// <param name="Codes">Findings that must be among the answer's: errors, or warnings of a file that passes.</param>
/// <param name="Why">For the reader of the table.</param>
internal sealed record Attack(string What, string Name, Func<byte[]> Make, FinalStatus Status, int Http, string[] Codes, string Why)
{
    public override string ToString() => What;
}
