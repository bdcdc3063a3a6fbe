using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Orchestration.Data.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class EventFeed : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "run_status",
                schema: "orchestration",
                table: "journal",
                type: "character varying(30)",
                maxLength: 30,
                nullable: false,
                defaultValue: "Running");

            migrationBuilder.CreateTable(
                name: "feed_cursors",
                schema: "orchestration",
                columns: table => new
                {
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    position = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_feed_cursors", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "raised_events",
                schema: "orchestration",
                columns: table => new
                {
                    event_id = table.Column<Guid>(type: "uuid", nullable: false),
                    bucket = table.Column<int>(type: "integer", nullable: false),
                    type = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    data = table.Column<string>(type: "text", nullable: false),
                    service = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    account = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    workflow_id = table.Column<Guid>(type: "uuid", nullable: true),
                    document_id = table.Column<Guid>(type: "uuid", nullable: true),
                    source = table.Column<string>(type: "text", nullable: true),
                    occurred = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_raised_events", x => x.event_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_raised_events_occurred",
                schema: "orchestration",
                table: "raised_events",
                column: "occurred");

            migrationBuilder.CreateIndex(
                name: "ix_raised_events_workflow",
                schema: "orchestration",
                table: "raised_events",
                column: "workflow_id",
                filter: "workflow_id IS NOT NULL");

            migrationBuilder.AddFeedOnPostgreSql();
            migrationBuilder.NoteOnPostgreSql("journal", "workflow_id", "sequence");
            migrationBuilder.NoteOnPostgreSql("raised_events", "event_id", "0");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER journal_noted ON orchestration.journal; DROP FUNCTION orchestration.note_journal() CASCADE; DROP FUNCTION orchestration.note_raised_events() CASCADE; DROP TABLE orchestration.feed_marks; DROP TABLE orchestration.feed_pages;");

            migrationBuilder.DropTable(
                name: "feed_cursors",
                schema: "orchestration");

            migrationBuilder.DropTable(
                name: "raised_events",
                schema: "orchestration");

            migrationBuilder.DropColumn(
                name: "run_status",
                schema: "orchestration",
                table: "journal");
        }
    }
}
