using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Orchestration.Data.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class RunStorage : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_open_runs_due",
                schema: "orchestration",
                table: "open_runs");

            migrationBuilder.AlterTable(
                name: "open_runs",
                schema: "orchestration")
                .Annotation("Npgsql:StorageParameter:fillfactor", 60);

            // There is no cast between the two that PostgreSQL makes by itself.
            migrationBuilder.Sql("ALTER TABLE orchestration.open_runs ALTER COLUMN journal_hash TYPE bytea USING decode(journal_hash, 'hex')");

            migrationBuilder.AddColumn<string>(
                name: "intent",
                schema: "orchestration",
                table: "open_runs",
                type: "character varying(20)",
                maxLength: 20,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "intent_by",
                schema: "orchestration",
                table: "open_runs",
                type: "character varying(200)",
                maxLength: 200,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "intent_reason",
                schema: "orchestration",
                table: "open_runs",
                type: "character varying(1000)",
                maxLength: 1000,
                nullable: true);

            migrationBuilder.Sql("ALTER TABLE orchestration.journal ALTER COLUMN hash TYPE bytea USING decode(hash, 'hex')");

            migrationBuilder.AddColumn<string>(
                name: "actor",
                schema: "orchestration",
                table: "journal",
                type: "character varying(200)",
                maxLength: 200,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "kind",
                schema: "orchestration",
                table: "journal",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "Attempt");

            migrationBuilder.Sql("ALTER TABLE orchestration.ended_runs ALTER COLUMN journal_hash TYPE bytea USING decode(journal_hash, 'hex')");

            migrationBuilder.AddColumn<long>(
                name: "token",
                schema: "orchestration",
                table: "ended_runs",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateIndex(
                name: "ix_open_runs_due",
                schema: "orchestration",
                table: "open_runs",
                columns: new[] { "priority", "account", "wake_at" },
                filter: "wake_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_open_runs_intent",
                schema: "orchestration",
                table: "open_runs",
                columns: new[] { "owner", "id" },
                filter: "intent IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_open_runs_wake",
                schema: "orchestration",
                table: "open_runs",
                column: "wake_at",
                filter: "wake_at IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_open_runs_due",
                schema: "orchestration",
                table: "open_runs");

            migrationBuilder.DropIndex(
                name: "ix_open_runs_intent",
                schema: "orchestration",
                table: "open_runs");

            migrationBuilder.DropIndex(
                name: "ix_open_runs_wake",
                schema: "orchestration",
                table: "open_runs");

            migrationBuilder.DropColumn(
                name: "intent",
                schema: "orchestration",
                table: "open_runs");

            migrationBuilder.DropColumn(
                name: "intent_by",
                schema: "orchestration",
                table: "open_runs");

            migrationBuilder.DropColumn(
                name: "intent_reason",
                schema: "orchestration",
                table: "open_runs");

            migrationBuilder.DropColumn(
                name: "actor",
                schema: "orchestration",
                table: "journal");

            migrationBuilder.DropColumn(
                name: "kind",
                schema: "orchestration",
                table: "journal");

            migrationBuilder.DropColumn(
                name: "token",
                schema: "orchestration",
                table: "ended_runs");

            migrationBuilder.AlterTable(
                name: "open_runs",
                schema: "orchestration")
                .OldAnnotation("Npgsql:StorageParameter:fillfactor", 60);

            migrationBuilder.Sql("ALTER TABLE orchestration.open_runs ALTER COLUMN journal_hash TYPE character varying(64) USING encode(journal_hash, 'hex')");

            migrationBuilder.Sql("ALTER TABLE orchestration.journal ALTER COLUMN hash TYPE character varying(64) USING encode(hash, 'hex')");

            migrationBuilder.Sql("ALTER TABLE orchestration.ended_runs ALTER COLUMN journal_hash TYPE character varying(64) USING encode(journal_hash, 'hex')");

            migrationBuilder.CreateIndex(
                name: "ix_open_runs_due",
                schema: "orchestration",
                table: "open_runs",
                columns: new[] { "priority", "wake_at" },
                filter: "wake_at IS NOT NULL");
        }
    }
}
