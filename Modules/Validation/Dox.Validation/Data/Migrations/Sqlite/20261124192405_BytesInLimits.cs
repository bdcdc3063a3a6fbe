using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Validation.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class BytesInLimits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "bytes",
                table: "rate_limit_entries",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "bytes",
                table: "rate_limit_entries");
        }
    }
}
