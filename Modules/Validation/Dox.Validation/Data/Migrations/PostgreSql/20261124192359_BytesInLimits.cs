using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Validation.Data.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class BytesInLimits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "bytes",
                schema: "validation",
                table: "rate_limit_entries",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "bytes",
                schema: "validation",
                table: "rate_limit_entries");
        }
    }
}
