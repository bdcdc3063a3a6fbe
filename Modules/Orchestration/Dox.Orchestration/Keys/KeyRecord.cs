using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dox.Orchestration.Keys;

/// <summary>A key that somebody gets in with. Its text is told once and kept by nobody: 32 random bytes need no slow hash.</summary>
internal sealed class KeyRecord
{
    public const int LongestName = 200;
    public const int MostDays = 3650;

    private const string Prefix = "dox_";
    private const int Length = 32;

    public required Id<ApiKey> Id { get; init; }

    /// <summary>Who comes with it: what documents, reviews and the audit say.</summary>
    public required string Name { get; init; }

    public required string Account { get; init; }

    /// <summary>Names with commas between.</summary>
    public required string Roles { get; init; }

    /// <summary>Names with commas between; empty: all teams.</summary>
    public required string Teams { get; init; }

    /// <summary>SHA-256 of its text, 64 lower-case hexadecimal digits.</summary>
    public required string Hash { get; set; }

    /// <summary>Of the text before; it is taken too until <see cref="PreviousUntil"/>.</summary>
    public string? PreviousHash { get; set; }

    public DateTimeOffset? PreviousUntil { get; set; }

    public required DateTimeOffset Expires { get; set; }

    /// <summary>Since when it isn't taken any more.</summary>
    public DateTimeOffset? Revoked { get; set; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset Created { get; init; }

    public int Version { get; set; }

    /// <summary>A new key's text.</summary>
    public static string NewText() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Length));

    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Who comes with a text of that hash; null: nobody, at this time.</summary>
    public Caller? HolderAt(string hash, DateTimeOffset now)
    {
        if (Revoked is not null || Expires <= now || (hash != Hash && !(hash == PreviousHash && PreviousUntil > now))) return null;
        return new(Name, Account, [.. Names(Roles).Select(role => Enum.Parse<Role>(role, ignoreCase: true))], [.. Names(Teams)]);
    }

    public static IReadOnlyList<string> Names(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);

    internal sealed class Map : IEntityTypeConfiguration<KeyRecord>
    {
        private const int LongestList = 2000;
        private const int HashLength = 64;

        public void Configure(EntityTypeBuilder<KeyRecord> builder)
        {
            builder.ToTable("api_keys");
            builder.HasKey(k => k.Id);
            builder.Property(k => k.Name).HasMaxLength(LongestName);
            builder.Property(k => k.Account).HasMaxLength(LongestName);
            builder.Property(k => k.Roles).HasMaxLength(LongestList);
            builder.Property(k => k.Teams).HasMaxLength(LongestList);
            builder.Property(k => k.Hash).HasMaxLength(HashLength);
            builder.Property(k => k.PreviousHash).HasMaxLength(HashLength);
            builder.Property(k => k.CreatedBy).HasMaxLength(LongestName);
            builder.Property(k => k.Version).IsConcurrencyToken();
            builder.HasIndex(k => k.Hash).IsUnique().HasDatabaseName("ux_api_keys_hash");
            builder.HasIndex(k => k.PreviousHash).HasFilter("previous_hash IS NOT NULL").HasDatabaseName("ix_api_keys_previous_hash");
        }
    }
}
