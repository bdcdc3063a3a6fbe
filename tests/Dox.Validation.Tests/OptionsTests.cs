using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Dox.Validation.Data;
using Dox.Validation.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Dox.Validation.Tests;

internal sealed class OptionsTests
{
    [Test]
    public void What_is_wrong_is_told_at_once_before_the_start()
    {
        var setup = new DoxHostSetup().With(
            ("Dox:Validation:AllowedExtensions:0", "docx"), ("Dox:Validation:AllowedMediaTypes:0", "text/html"),
            ("Dox:Validation:RateLimit:BurstPerMinute", "0"), ("Dox:Validation:MaxFileSizeMb", "200"),
            ("ENCRYPTION_KEY", "abc"));

        Assert.That(() => ValidationHost.StartAsync(setup), Throws.Exception.With.Message.Contains("docx").And.Message.Contains("text/html")
            .And.Message.Contains("BurstPerMinute").And.Message.Contains("ClamAv:MaxFileSizeMb").And.Message.Contains("openssl rand"));
    }

    [Test]
    public void The_model_has_no_changes_that_no_migration_makes()
    {
        using var postgreSql = new ValidationDbContext(DesignTimeContext.PostgreSql<ValidationDbContext>(ValidationDbContext.SchemaName), null);
        using var sqlite = new SqliteValidationDbContext(DesignTimeContext.Sqlite<SqliteValidationDbContext>(), null);

        Assert.That(postgreSql.Database.HasPendingModelChanges(), Is.False);
        Assert.That(sqlite.Database.HasPendingModelChanges(), Is.False);
    }
}
