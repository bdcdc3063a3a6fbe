using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.TemplateMatching.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class UnknownPile : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "template_drafts",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    source = table.Column<string>(type: "TEXT", nullable: false),
                    learning = table.Column<string>(type: "TEXT", nullable: false),
                    documents = table.Column<int>(type: "INTEGER", nullable: false),
                    proposed = table.Column<long>(type: "INTEGER", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    template_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    decided = table.Column<long>(type: "INTEGER", nullable: true),
                    decided_by = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_template_drafts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "unknown_documents",
                columns: table => new
                {
                    document_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    account = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    sha256 = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    length = table.Column<long>(type: "INTEGER", nullable: false),
                    media_type = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    fingerprint = table.Column<byte[]>(type: "BLOB", nullable: false),
                    seen = table.Column<long>(type: "INTEGER", nullable: false),
                    draft_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    is_sample = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_unknown_documents", x => x.document_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_template_drafts_state",
                table: "template_drafts",
                columns: new[] { "state", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_unknown_documents_draft",
                table: "unknown_documents",
                column: "draft_id");

            migrationBuilder.CreateIndex(
                name: "ix_unknown_documents_seen",
                table: "unknown_documents",
                column: "seen");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "template_drafts");

            migrationBuilder.DropTable(
                name: "unknown_documents");
        }
    }
}
