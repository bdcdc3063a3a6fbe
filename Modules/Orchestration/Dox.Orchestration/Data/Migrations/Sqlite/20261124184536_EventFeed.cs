using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Orchestration.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class EventFeed : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "run_status",
                table: "journal",
                type: "TEXT",
                maxLength: 30,
                nullable: false,
                defaultValue: "Running");

            migrationBuilder.CreateTable(
                name: "feed_cursors",
                columns: table => new
                {
                    name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    position = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_feed_cursors", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "raised_events",
                columns: table => new
                {
                    event_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    bucket = table.Column<int>(type: "INTEGER", nullable: false),
                    type = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    data = table.Column<string>(type: "TEXT", nullable: false),
                    service = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    account = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    workflow_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    document_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    source = table.Column<string>(type: "TEXT", nullable: true),
                    occurred = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_raised_events", x => x.event_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_raised_events_occurred",
                table: "raised_events",
                column: "occurred");

            migrationBuilder.CreateIndex(
                name: "ix_raised_events_workflow",
                table: "raised_events",
                column: "workflow_id",
                filter: "workflow_id IS NOT NULL");

            migrationBuilder.AddFeedOnSqlite();
            migrationBuilder.NoteOnSqlite("journal", "NEW.workflow_id", "NEW.sequence");
            migrationBuilder.NoteOnSqlite("raised_events", "NEW.event_id", "0");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER journal_noted; DROP TRIGGER raised_events_noted; DROP TABLE feed_entries;");

            migrationBuilder.DropTable(
                name: "feed_cursors");

            migrationBuilder.DropTable(
                name: "raised_events");

            migrationBuilder.DropColumn(
                name: "run_status",
                table: "journal");
        }
    }
}
