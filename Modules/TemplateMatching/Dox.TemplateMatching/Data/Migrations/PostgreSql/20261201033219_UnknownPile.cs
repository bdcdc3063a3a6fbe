using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.TemplateMatching.Data.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class UnknownPile : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "template_drafts",
                schema: "template_matching",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    learning = table.Column<string>(type: "text", nullable: false),
                    documents = table.Column<int>(type: "integer", nullable: false),
                    proposed = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    template_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    decided = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    decided_by = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_template_drafts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "unknown_documents",
                schema: "template_matching",
                columns: table => new
                {
                    document_id = table.Column<Guid>(type: "uuid", nullable: false),
                    account = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    length = table.Column<long>(type: "bigint", nullable: false),
                    media_type = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    fingerprint = table.Column<byte[]>(type: "bytea", nullable: false),
                    seen = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    draft_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    is_sample = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_unknown_documents", x => x.document_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_template_drafts_state",
                schema: "template_matching",
                table: "template_drafts",
                columns: new[] { "state", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_unknown_documents_draft",
                schema: "template_matching",
                table: "unknown_documents",
                column: "draft_id");

            migrationBuilder.CreateIndex(
                name: "ix_unknown_documents_seen",
                schema: "template_matching",
                table: "unknown_documents",
                column: "seen");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "template_drafts",
                schema: "template_matching");

            migrationBuilder.DropTable(
                name: "unknown_documents",
                schema: "template_matching");
        }
    }
}
