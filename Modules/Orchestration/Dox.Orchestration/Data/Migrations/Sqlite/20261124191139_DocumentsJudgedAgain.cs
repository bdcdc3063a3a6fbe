using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Orchestration.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class DocumentsJudgedAgain : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ux_documents_account_content",
                table: "documents");

            migrationBuilder.AddColumn<long>(
                name: "judged",
                table: "documents",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "later_scan",
                table: "documents",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "later_verdict",
                table: "documents",
                type: "TEXT",
                maxLength: 20,
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "replaces",
                table: "documents",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "superseded",
                table: "documents",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_documents_content",
                table: "documents",
                column: "sha256");

            migrationBuilder.CreateIndex(
                name: "ux_documents_account_content",
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
                table: "documents");

            migrationBuilder.DropIndex(
                name: "ux_documents_account_content",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "judged",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "later_scan",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "later_verdict",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "replaces",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "superseded",
                table: "documents");

            migrationBuilder.CreateIndex(
                name: "ux_documents_account_content",
                table: "documents",
                columns: new[] { "account", "sha256" },
                unique: true);
        }
    }
}
