using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Orchestration.Data.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class DocumentsJudgedAgain : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ux_documents_account_content",
                schema: "orchestration",
                table: "documents");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "judged",
                schema: "orchestration",
                table: "documents",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "later_scan",
                schema: "orchestration",
                table: "documents",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "later_verdict",
                schema: "orchestration",
                table: "documents",
                type: "character varying(20)",
                maxLength: 20,
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "replaces",
                schema: "orchestration",
                table: "documents",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "superseded",
                schema: "orchestration",
                table: "documents",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_documents_content",
                schema: "orchestration",
                table: "documents",
                column: "sha256");

            migrationBuilder.CreateIndex(
                name: "ux_documents_account_content",
                schema: "orchestration",
                table: "documents",
                columns: new[] { "account", "sha256" },
                unique: true,
                filter: "superseded IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_documents_content",
                schema: "orchestration",
                table: "documents");

            migrationBuilder.DropIndex(
                name: "ux_documents_account_content",
                schema: "orchestration",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "judged",
                schema: "orchestration",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "later_scan",
                schema: "orchestration",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "later_verdict",
                schema: "orchestration",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "replaces",
                schema: "orchestration",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "superseded",
                schema: "orchestration",
                table: "documents");

            migrationBuilder.CreateIndex(
                name: "ux_documents_account_content",
                schema: "orchestration",
                table: "documents",
                columns: new[] { "account", "sha256" },
                unique: true);
        }
    }
}
