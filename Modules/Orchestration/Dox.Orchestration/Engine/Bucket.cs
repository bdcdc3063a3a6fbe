using System.Security.Cryptography;
using System.Text;

namespace Dox.Orchestration.Engine;

/// <summary>Which of 4096 buckets an account's rows lie in: splitting the data later is a map from buckets to databases, not a rewrite.</summary>
internal static class Bucket
{
    public const int Count = 4096;

    public static int Of(string account)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(account), hash);
        return ((hash[0] << 8) | hash[1]) % Count;
    }
}
