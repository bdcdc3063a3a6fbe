using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Validation.Data.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "validation");

            migrationBuilder.CreateTable(
                name: "inbox_messages",
                schema: "validation",
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
                schema: "validation",
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
                name: "rate_limit_bursts",
                schema: "validation",
                columns: table => new
                {
                    quota = table.Column<int>(type: "integer", nullable: false),
                    user = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false),
                    worked_off = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_rate_limit_bursts", x => new { x.quota, x.user });
                });

            migrationBuilder.CreateTable(
                name: "rate_limit_entries",
                schema: "validation",
                columns: table => new
                {
                    quota = table.Column<int>(type: "integer", nullable: false),
                    document_id = table.Column<Guid>(type: "uuid", nullable: false),
                    user = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false),
                    account = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_rate_limit_entries", x => new { x.quota, x.document_id });
                });

            migrationBuilder.CreateIndex(
                name: "ix_inbox_messages_received",
                schema: "validation",
                table: "inbox_messages",
                column: "received");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_due",
                schema: "validation",
                table: "outbox_messages",
                columns: new[] { "next_attempt", "id" },
                filter: "dead IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_lease",
                schema: "validation",
                table: "outbox_messages",
                column: "lease",
                filter: "lease IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_rate_limit_entries_account",
                schema: "validation",
                table: "rate_limit_entries",
                columns: new[] { "quota", "account", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_rate_limit_entries_at",
                schema: "validation",
                table: "rate_limit_entries",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_rate_limit_entries_user",
                schema: "validation",
                table: "rate_limit_entries",
                columns: new[] { "quota", "user", "at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "inbox_messages",
                schema: "validation");

            migrationBuilder.DropTable(
                name: "outbox_messages",
                schema: "validation");

            migrationBuilder.DropTable(
                name: "rate_limit_bursts",
                schema: "validation");

            migrationBuilder.DropTable(
                name: "rate_limit_entries",
                schema: "validation");
        }
    }
}
