using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Validation.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "inbox_messages",
                columns: table => new
                {
                    key = table.Column<string>(type: "TEXT", maxLength: 300, nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    received = table.Column<long>(type: "INTEGER", nullable: false),
                    reply = table.Column<byte[]>(type: "BLOB", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_inbox_messages", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "outbox_messages",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    message_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    target = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    body = table.Column<string>(type: "TEXT", nullable: false),
                    caller = table.Column<string>(type: "TEXT", nullable: false),
                    trace_parent = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    occurred = table.Column<long>(type: "INTEGER", nullable: false),
                    attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    next_attempt = table.Column<long>(type: "INTEGER", nullable: false),
                    lease = table.Column<Guid>(type: "TEXT", nullable: true),
                    leased_until = table.Column<long>(type: "INTEGER", nullable: true),
                    dead = table.Column<long>(type: "INTEGER", nullable: true),
                    last_error = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outbox_messages", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "rate_limit_bursts",
                columns: table => new
                {
                    quota = table.Column<int>(type: "INTEGER", nullable: false),
                    user = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    worked_off = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_rate_limit_bursts", x => new { x.quota, x.user });
                });

            migrationBuilder.CreateTable(
                name: "rate_limit_entries",
                columns: table => new
                {
                    quota = table.Column<int>(type: "INTEGER", nullable: false),
                    document_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    user = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    account = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_rate_limit_entries", x => new { x.quota, x.document_id });
                });

            migrationBuilder.CreateIndex(
                name: "ix_inbox_messages_received",
                table: "inbox_messages",
                column: "received");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_due",
                table: "outbox_messages",
                columns: new[] { "next_attempt", "id" },
                filter: "dead IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_lease",
                table: "outbox_messages",
                column: "lease",
                filter: "lease IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_rate_limit_entries_account",
                table: "rate_limit_entries",
                columns: new[] { "quota", "account", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_rate_limit_entries_at",
                table: "rate_limit_entries",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_rate_limit_entries_user",
                table: "rate_limit_entries",
                columns: new[] { "quota", "user", "at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "inbox_messages");

            migrationBuilder.DropTable(
                name: "outbox_messages");

            migrationBuilder.DropTable(
                name: "rate_limit_bursts");

            migrationBuilder.DropTable(
                name: "rate_limit_entries");
        }
    }
}
