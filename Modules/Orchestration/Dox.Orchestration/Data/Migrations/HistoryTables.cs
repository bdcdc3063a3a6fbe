using Microsoft.EntityFrameworkCore.Migrations;

namespace Dox.Orchestration.Data.Migrations;

/// <summary>
/// Ended runs and journals by the time that their runs began: ranges of the run's id, a UUIDv7. What retention keeps of older times lies in
/// <c>…_past</c>; the host creates the ranges ahead, and a row that has none yet lies in <c>…_rest</c> until it has.
/// </summary>
internal static class HistoryTables
{
    // What was there stays in its table, which becomes a range of its own: nothing is copied.
    public static void PartitionHistory(this MigrationBuilder migration)
    {
        migration.Sql(
            """
            DROP TRIGGER journal_noted ON orchestration.journal;
            ALTER TABLE orchestration.ended_runs RENAME TO ended_runs_before;
            ALTER TABLE orchestration.ended_runs_before RENAME CONSTRAINT "PK_ended_runs" TO "PK_ended_runs_before";
            ALTER INDEX orchestration.ix_ended_runs_account RENAME TO ix_ended_runs_before_account;
            ALTER INDEX orchestration.ix_ended_runs_document RENAME TO ix_ended_runs_before_document;
            ALTER TABLE orchestration.journal RENAME TO journal_before;
            ALTER TABLE orchestration.journal_before RENAME CONSTRAINT "PK_journal" TO "PK_journal_before";
            CREATE TABLE orchestration.ended_runs (LIKE orchestration.ended_runs_before INCLUDING DEFAULTS) PARTITION BY RANGE (id);
            ALTER TABLE orchestration.ended_runs ADD CONSTRAINT "PK_ended_runs" PRIMARY KEY (id);
            CREATE INDEX ix_ended_runs_account ON orchestration.ended_runs (account, id);
            CREATE INDEX ix_ended_runs_document ON orchestration.ended_runs (document_id);
            CREATE TABLE orchestration.journal (LIKE orchestration.journal_before INCLUDING DEFAULTS) PARTITION BY RANGE (workflow_id);
            ALTER TABLE orchestration.journal ADD CONSTRAINT "PK_journal" PRIMARY KEY (workflow_id, sequence);

            DO $$
            DECLARE
              oldest uuid := LEAST((SELECT id FROM orchestration.ended_runs_before ORDER BY id LIMIT 1), (SELECT workflow_id FROM orchestration.journal_before ORDER BY workflow_id LIMIT 1));
              today timestamptz := date_trunc('day', now(), 'UTC');
              began timestamptz := COALESCE(date_trunc('day', to_timestamp(('x' || substr(replace(oldest::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0), 'UTC'), today);
              lower uuid := (lpad(to_hex((extract(epoch FROM LEAST(began, today)) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;
              upper uuid := (lpad(to_hex((extract(epoch FROM today + interval '1 day') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;
              t record;
            BEGIN
              FOR t IN SELECT * FROM (VALUES ('ended_runs', 'id'), ('journal', 'workflow_id')) v(name, key) LOOP
                EXECUTE format('CREATE TABLE orchestration.%I PARTITION OF orchestration.%I FOR VALUES FROM (MINVALUE) TO (%L)', t.name || '_past', t.name, lower);
                EXECUTE format('CREATE TABLE orchestration.%I PARTITION OF orchestration.%I DEFAULT', t.name || '_rest', t.name);
                IF oldest IS NULL THEN
                  EXECUTE format('DROP TABLE orchestration.%I', t.name || '_before');
                ELSE
                  EXECUTE format('WITH later AS (DELETE FROM orchestration.%1$I WHERE %2$I >= %3$L RETURNING *) INSERT INTO orchestration.%4$I SELECT * FROM later', t.name || '_before', t.key, upper, t.name || '_rest');
                  EXECUTE format('ALTER TABLE orchestration.%I ATTACH PARTITION orchestration.%I FOR VALUES FROM (%L) TO (%L)', t.name, t.name || '_before', lower, upper);
                END IF;
              END LOOP;
            END $$;
            """);
        migration.NoteOnPostgreSql("journal", "workflow_id", "sequence");
    }

    /// <summary>One table each again.</summary>
    public static void MergeHistory(this MigrationBuilder migration)
    {
        migration.Sql(
            """
            CREATE TABLE orchestration.ended_runs_whole (LIKE orchestration.ended_runs INCLUDING DEFAULTS);
            INSERT INTO orchestration.ended_runs_whole SELECT * FROM orchestration.ended_runs;
            DROP TABLE orchestration.ended_runs;
            ALTER TABLE orchestration.ended_runs_whole RENAME TO ended_runs;
            ALTER TABLE orchestration.ended_runs ADD CONSTRAINT "PK_ended_runs" PRIMARY KEY (id);
            CREATE INDEX ix_ended_runs_account ON orchestration.ended_runs (account, id);
            CREATE INDEX ix_ended_runs_document ON orchestration.ended_runs (document_id);
            CREATE TABLE orchestration.journal_whole (LIKE orchestration.journal INCLUDING DEFAULTS);
            INSERT INTO orchestration.journal_whole SELECT * FROM orchestration.journal;
            DROP TABLE orchestration.journal;
            ALTER TABLE orchestration.journal_whole RENAME TO journal;
            ALTER TABLE orchestration.journal ADD CONSTRAINT "PK_journal" PRIMARY KEY (workflow_id, sequence);
            """);
        migration.NoteOnPostgreSql("journal", "workflow_id", "sequence");
    }
}
