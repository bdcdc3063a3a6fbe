using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Orchestration.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class RunStorage : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_open_runs_due",
                table: "open_runs");

            // The hashes are bytes from here on. A column of SQLite takes them whatever its type; to change that would make the tables anew, without their triggers.

            migrationBuilder.AddColumn<string>(
                name: "intent",
                table: "open_runs",
                type: "TEXT",
                maxLength: 20,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "intent_by",
                table: "open_runs",
                type: "TEXT",
                maxLength: 200,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "intent_reason",
                table: "open_runs",
                type: "TEXT",
                maxLength: 1000,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "actor",
                table: "journal",
                type: "TEXT",
                maxLength: 200,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "kind",
                table: "journal",
                type: "TEXT",
                maxLength: 20,
                nullable: false,
                defaultValue: "Attempt");

            migrationBuilder.AddColumn<long>(
                name: "token",
                table: "ended_runs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateIndex(
                name: "ix_open_runs_due",
                table: "open_runs",
                columns: new[] { "priority", "account", "wake_at" },
                filter: "wake_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_open_runs_intent",
                table: "open_runs",
                columns: new[] { "owner", "id" },
                filter: "intent IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_open_runs_wake",
                table: "open_runs",
                column: "wake_at",
                filter: "wake_at IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_open_runs_due",
                table: "open_runs");

            migrationBuilder.DropIndex(
                name: "ix_open_runs_intent",
                table: "open_runs");

            migrationBuilder.DropIndex(
                name: "ix_open_runs_wake",
                table: "open_runs");

            migrationBuilder.DropColumn(
                name: "intent",
                table: "open_runs");

            migrationBuilder.DropColumn(
                name: "intent_by",
                table: "open_runs");

            migrationBuilder.DropColumn(
                name: "intent_reason",
                table: "open_runs");

            migrationBuilder.DropColumn(
                name: "actor",
                table: "journal");

            migrationBuilder.DropColumn(
                name: "kind",
                table: "journal");

            migrationBuilder.DropColumn(
                name: "token",
                table: "ended_runs");

            migrationBuilder.CreateIndex(
                name: "ix_open_runs_due",
                table: "open_runs",
                columns: new[] { "priority", "wake_at" },
                filter: "wake_at IS NOT NULL");
        }
    }
}
