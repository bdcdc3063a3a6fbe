using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Dox.TeamCoordination.Data.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "team_coordination");

            migrationBuilder.CreateTable(
                name: "bank_updates",
                schema: "team_coordination",
                columns: table => new
                {
                    sequence = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    file = table.Column<string>(type: "character varying(150)", maxLength: 150, nullable: false),
                    kind = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    body = table.Column<string>(type: "text", nullable: false),
                    occurred = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    batch = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_bank_updates", x => x.sequence);
                });

            migrationBuilder.CreateTable(
                name: "banks",
                schema: "team_coordination",
                columns: table => new
                {
                    file = table.Column<string>(type: "character varying(150)", maxLength: 150, nullable: false),
                    source = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    last_batch = table.Column<long>(type: "bigint", nullable: false),
                    applied = table.Column<long>(type: "bigint", nullable: false),
                    content = table.Column<string>(type: "text", nullable: true),
                    content_batch = table.Column<long>(type: "bigint", nullable: false),
                    content_saved = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    swept = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_banks", x => x.file);
                });

            migrationBuilder.CreateTable(
                name: "blockers",
                schema: "team_coordination",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    severity = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    service = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    team = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    title = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    description = table.Column<string>(type: "character varying(4000)", maxLength: 4000, nullable: false),
                    workflow_id = table.Column<Guid>(type: "uuid", nullable: true),
                    opened_by = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    opened = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    resolved_by = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    resolved = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    note = table.Column<string>(type: "character varying(4000)", maxLength: 4000, nullable: true),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_blockers", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "inbox_messages",
                schema: "team_coordination",
                columns: table => new
                {
                    key = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    received = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    reply = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_inbox_messages", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "outbox_messages",
                schema: "team_coordination",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    target = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    body = table.Column<string>(type: "text", nullable: false),
                    caller = table.Column<string>(type: "text", nullable: false),
                    trace_parent = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    occurred = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    next_attempt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    lease = table.Column<Guid>(type: "uuid", nullable: true),
                    leased_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    dead = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_error = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outbox_messages", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "reviews",
                schema: "team_coordination",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    workflow_id = table.Column<Guid>(type: "uuid", nullable: false),
                    rule_name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    step = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    visit = table.Column<int>(type: "integer", nullable: false),
                    document_id = table.Column<Guid>(type: "uuid", nullable: true),
                    account = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    team = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    subject = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    message = table.Column<string>(type: "character varying(4000)", maxLength: 4000, nullable: false),
                    evidence = table.Column<string>(type: "text", nullable: false),
                    opened = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    claimed_by = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    claimed_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    decided_by = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    decided = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    template_id = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    fields = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "character varying(4000)", maxLength: 4000, nullable: true),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_reviews", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "team_notices",
                schema: "team_coordination",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    team = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    subject = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    message = table.Column<string>(type: "character varying(4000)", maxLength: 4000, nullable: false),
                    sent = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_team_notices", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_bank_updates_batch",
                schema: "team_coordination",
                table: "bank_updates",
                columns: new[] { "file", "batch", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_bank_updates_new",
                schema: "team_coordination",
                table: "bank_updates",
                columns: new[] { "file", "sequence" },
                filter: "batch IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_blockers_open",
                schema: "team_coordination",
                table: "blockers",
                columns: new[] { "team", "id" },
                filter: "resolved IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_inbox_messages_received",
                schema: "team_coordination",
                table: "inbox_messages",
                column: "received");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_due",
                schema: "team_coordination",
                table: "outbox_messages",
                columns: new[] { "next_attempt", "id" },
                filter: "dead IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_lease",
                schema: "team_coordination",
                table: "outbox_messages",
                column: "lease",
                filter: "lease IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_reviews_document",
                schema: "team_coordination",
                table: "reviews",
                column: "document_id");

            migrationBuilder.CreateIndex(
                name: "ix_reviews_queue",
                schema: "team_coordination",
                table: "reviews",
                columns: new[] { "team", "id" },
                filter: "decided IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_reviews_workflow",
                schema: "team_coordination",
                table: "reviews",
                column: "workflow_id");

            migrationBuilder.CreateIndex(
                name: "ix_team_notices_team",
                schema: "team_coordination",
                table: "team_notices",
                columns: new[] { "team", "sent" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "bank_updates",
                schema: "team_coordination");

            migrationBuilder.DropTable(
                name: "banks",
                schema: "team_coordination");

            migrationBuilder.DropTable(
                name: "blockers",
                schema: "team_coordination");

            migrationBuilder.DropTable(
                name: "inbox_messages",
                schema: "team_coordination");

            migrationBuilder.DropTable(
                name: "outbox_messages",
                schema: "team_coordination");

            migrationBuilder.DropTable(
                name: "reviews",
                schema: "team_coordination");

            migrationBuilder.DropTable(
                name: "team_notices",
                schema: "team_coordination");
        }
    }
}
