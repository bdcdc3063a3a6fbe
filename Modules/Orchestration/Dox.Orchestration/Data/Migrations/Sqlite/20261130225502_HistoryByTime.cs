using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Orchestration.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class HistoryByTime : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "held_since",
                table: "documents",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "hold_reason",
                table: "documents",
                type: "TEXT",
                maxLength: 1000,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_start_keys_created",
                table: "start_keys",
                column: "created");

            migrationBuilder.CreateIndex(
                name: "ix_ended_runs_rule",
                table: "ended_runs",
                columns: new[] { "rule_name", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_ended_runs_status",
                table: "ended_runs",
                columns: new[] { "status", "id" },
                filter: "status <> 'Success'");

            migrationBuilder.CreateIndex(
                name: "ix_documents_held",
                table: "documents",
                column: "held_since",
                filter: "held_since IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_start_keys_created",
                table: "start_keys");

            migrationBuilder.DropIndex(
                name: "ix_ended_runs_rule",
                table: "ended_runs");

            migrationBuilder.DropIndex(
                name: "ix_ended_runs_status",
                table: "ended_runs");

            migrationBuilder.DropIndex(
                name: "ix_documents_held",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "held_since",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "hold_reason",
                table: "documents");
        }
    }
}
