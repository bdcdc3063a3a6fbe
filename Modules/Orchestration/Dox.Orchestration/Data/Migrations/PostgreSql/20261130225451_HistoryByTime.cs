using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Orchestration.Data.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class HistoryByTime : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.PartitionHistory();

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "held_since",
                schema: "orchestration",
                table: "documents",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "hold_reason",
                schema: "orchestration",
                table: "documents",
                type: "character varying(1000)",
                maxLength: 1000,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_start_keys_created",
                schema: "orchestration",
                table: "start_keys",
                column: "created");

            migrationBuilder.CreateIndex(
                name: "ix_ended_runs_rule",
                schema: "orchestration",
                table: "ended_runs",
                columns: new[] { "rule_name", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_ended_runs_status",
                schema: "orchestration",
                table: "ended_runs",
                columns: new[] { "status", "id" },
                filter: "status <> 'Success'");

            migrationBuilder.CreateIndex(
                name: "ix_documents_held",
                schema: "orchestration",
                table: "documents",
                column: "held_since",
                filter: "held_since IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_start_keys_created",
                schema: "orchestration",
                table: "start_keys");

            migrationBuilder.DropIndex(
                name: "ix_ended_runs_rule",
                schema: "orchestration",
                table: "ended_runs");

            migrationBuilder.DropIndex(
                name: "ix_ended_runs_status",
                schema: "orchestration",
                table: "ended_runs");

            migrationBuilder.DropIndex(
                name: "ix_documents_held",
                schema: "orchestration",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "held_since",
                schema: "orchestration",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "hold_reason",
                schema: "orchestration",
                table: "documents");

            migrationBuilder.MergeHistory();
        }
    }
}
