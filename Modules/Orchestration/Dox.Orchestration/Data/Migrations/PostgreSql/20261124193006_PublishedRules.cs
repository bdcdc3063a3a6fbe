using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Orchestration.Data.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class PublishedRules : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "published",
                schema: "orchestration",
                table: "rule_versions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "published_by",
                schema: "orchestration",
                table: "rule_versions",
                type: "character varying(200)",
                maxLength: 200,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_rule_versions_published",
                schema: "orchestration",
                table: "rule_versions",
                column: "published",
                filter: "published IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_rule_versions_published",
                schema: "orchestration",
                table: "rule_versions");

            migrationBuilder.DropColumn(
                name: "published",
                schema: "orchestration",
                table: "rule_versions");

            migrationBuilder.DropColumn(
                name: "published_by",
                schema: "orchestration",
                table: "rule_versions");
        }
    }
}
