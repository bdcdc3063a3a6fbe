using System.Text.Json;
using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>What holds for every module's model.</summary>
internal static class ModelConventions
{
    /// <summary>Ids are stored as their UUID.</summary>
    public static void AddIdConversions(this ModelConfigurationBuilder builder)
    {
        foreach (var kind in typeof(IIdKind).Assembly.GetTypes().Where(t => !t.IsAbstract && typeof(IIdKind).IsAssignableFrom(t)))
            builder.Properties(typeof(Id<>).MakeGenericType(kind)).HaveConversion(typeof(IdConverter<>).MakeGenericType(kind));
    }

    /// <summary>Tables and columns are named in snake_case.</summary>
    public static void NameInSnakeCase(this ModelBuilder model)
    {
        foreach (var entity in model.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties())
                property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
        }
    }
}

/// <summary>An id as its UUID.</summary>
internal sealed class IdConverter<TKind>() : ValueConverter<Id<TKind>, Guid>(id => id.Value, value => new Id<TKind>(value))
    where TKind : IIdKind;

/// <summary>SQLite has no type for moments; as ticks they can be compared and sorted.</summary>
internal sealed class UtcTicksConverter() : ValueConverter<DateTimeOffset, long>(moment => moment.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
