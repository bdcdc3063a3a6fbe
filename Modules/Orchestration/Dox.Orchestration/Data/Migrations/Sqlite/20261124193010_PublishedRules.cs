using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Orchestration.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class PublishedRules : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "published",
                table: "rule_versions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "published_by",
                table: "rule_versions",
                type: "TEXT",
                maxLength: 200,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_rule_versions_published",
                table: "rule_versions",
                column: "published",
                filter: "published IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_rule_versions_published",
                table: "rule_versions");

            migrationBuilder.DropColumn(
                name: "published",
                table: "rule_versions");

            migrationBuilder.DropColumn(
                name: "published_by",
                table: "rule_versions");
        }
    }
}
