using Microsoft.EntityFrameworkCore.Migrations;

namespace Dox.Orchestration.Data.Migrations;

/// <summary>
/// What notes the keys of new rows for the event feed. A migration that makes the table <c>journal</c> or <c>raised_events</c> anew (SQLite does
/// for most changes of a column) loses its trigger, and must add it again.
/// </summary>
internal static class FeedTriggers
{
    public static void NoteOnPostgreSql(this MigrationBuilder migration, string table, string id, string sequence)
    {
        migration.Sql(
            $"""
            CREATE OR REPLACE FUNCTION orchestration.note_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              INSERT INTO orchestration.feed_marks (ids, sequences)
              SELECT array_agg({id} ORDER BY {id}, {sequence}), array_agg({sequence} ORDER BY {id}, {sequence}) FROM added HAVING count(*) > 0;
              RETURN NULL;
            END $$;
            DROP TRIGGER IF EXISTS {table}_noted ON orchestration.{table};
            CREATE TRIGGER {table}_noted AFTER INSERT ON orchestration.{table} REFERENCING NEW TABLE AS added
              FOR EACH STATEMENT EXECUTE FUNCTION orchestration.note_{table}();
            """);
    }

    public static void NoteOnSqlite(this MigrationBuilder migration, string table, string id, string sequence) =>
        migration.Sql(
            $"""
            CREATE TRIGGER IF NOT EXISTS {table}_noted AFTER INSERT ON {table}
            BEGIN
              INSERT INTO feed_entries (id, sequence) VALUES ({id}, {sequence});
            END;
            """);

    /// <summary>The marks, which come and go, and the pages that they become.</summary>
    public static void AddFeedOnPostgreSql(this MigrationBuilder migration) =>
        migration.Sql(
            """
            CREATE TABLE orchestration.feed_marks (
              xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
              at timestamptz NOT NULL DEFAULT clock_timestamp(),
              ids uuid[] NOT NULL,
              sequences int[] NOT NULL);
            CREATE INDEX ix_feed_marks_xact ON orchestration.feed_marks (xact);
            CREATE TABLE orchestration.feed_pages (
              position bigint PRIMARY KEY,
              ids uuid[] NOT NULL,
              sequences int[] NOT NULL,
              created timestamptz NOT NULL);
            """);

    public static void AddFeedOnSqlite(this MigrationBuilder migration) =>
        migration.Sql("CREATE TABLE feed_entries (position INTEGER PRIMARY KEY, id TEXT NOT NULL, sequence INTEGER NOT NULL);");
}
