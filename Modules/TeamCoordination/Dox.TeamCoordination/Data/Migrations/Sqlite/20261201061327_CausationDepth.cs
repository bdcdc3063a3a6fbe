using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.TeamCoordination.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class CausationDepth : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "depth",
                table: "bank_updates",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "depth",
                table: "bank_updates");
        }
    }
}
