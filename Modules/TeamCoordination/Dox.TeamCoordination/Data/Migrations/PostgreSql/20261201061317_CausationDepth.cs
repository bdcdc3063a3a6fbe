using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.TeamCoordination.Data.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class CausationDepth : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "depth",
                schema: "team_coordination",
                table: "bank_updates",
                type: "integer",
                nullable: false,
                defaultValue: 0);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "depth",
                schema: "team_coordination",
                table: "bank_updates");
        }
    }
}
