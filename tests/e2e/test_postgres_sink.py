"""PostgreSQL to PostgreSQL: tables that are made and that are there, every way of writing, and
what a person gets wrong."""

import pytest

from harness.compare import assert_equal
from harness.environment import command, wait_until


@pytest.fixture
def target(make_table):
    return make_table("t")


@pytest.fixture
def make_job(database, target, make_daemon):
    def make(source, sink="", schedule="{fetch_delay: 200ms}", table=None, more=""):
        where = f"{{connection: target, table: {table or 't'}{sink}}}"
        return make_daemon(
            f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + target.connection(),
            f"  one:\n    source: {{connection: shop, {source}}}\n    sink: {where}\n"
            f"    schedule: {schedule}\n{more}"
            "    retry: {initial_delay: 50ms, max_delay: 500ms}\n")
    return make


def copied(daemon):
    wait_until(lambda: daemon.job("one")["lag_seconds"] is not None, 60, daemon.tail())


def run(daemon, *words):
    return command("run", "--config", daemon.config, "one", *words)


def definition(database, table):
    return database.rows(
        "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (table,))


def test_a_table_is_made_like_the_source(database, target, make_job):
    columns = ("id bigint PRIMARY KEY, name varchar(20) NOT NULL, price numeric(12,2), "
               "at timestamptz NOT NULL DEFAULT now(), tags text[], facts jsonb, raw json, "
               "address inet, span int4range, flag boolean, code char(3), token uuid, bytes bytea")
    database.execute(f"CREATE TABLE t ({columns})")
    database.execute(
        "INSERT INTO t SELECT n, 'name ' || n, n * 1.37, now(), ARRAY['a', n::text, NULL], "
        "jsonb_build_object('n', n), '{ \"a\":  1}', '10.0.0.1', int4range(n, n + 5), n % 2 = 0, "
        "'ab', md5(n::text)::uuid, decode(md5(n::text), 'hex') FROM generate_series(1, 3000) n")
    daemon = make_job("table: t, cursor: at")
    daemon.start()
    copied(daemon)
    assert definition(target.database, "t") == definition(database, "t")
    assert target.database.value("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass "
                                 "AND indisprimary") == 1
    assert_equal(database.table_as_json("t"), target.rows())
    database.execute("UPDATE t SET name = 'new', at = clock_timestamp() WHERE id = 7")
    wait_until(lambda: target.rows()["7"]["name"] == "new", 20, daemon.tail())
    assert daemon.job("one")["totals"]["rows_written"] == 3001


def test_other_types_quoted_names_and_generated_columns(database, target, make_job):
    database.execute('CREATE TABLE t (id int PRIMARY KEY, "Mixed Name" text, mood text, at '
                     "timestamptz NOT NULL DEFAULT now());"
                     "INSERT INTO t SELECT n, 'row ' || n, 'fine' FROM generate_series(1, 500) n")
    target.database.execute(
        "CREATE SCHEMA \"Fleet\"; CREATE TYPE mood AS ENUM ('fine', 'bad');"
        'CREATE TABLE "Fleet"."theTable" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, '
        '"Mixed Name" varchar(100), mood mood, at timestamptz, '
        "twice bigint GENERATED ALWAYS AS (id * 2) STORED, seen timestamptz DEFAULT now())")
    daemon = make_job("table: t, cursor: at", table="'\"Fleet\".\"theTable\"'")
    daemon.start()
    copied(daemon)
    database.execute("UPDATE t SET mood = 'bad', at = clock_timestamp() WHERE id <= 10;"
                     "INSERT INTO t VALUES (501, 'ten', 'fine', clock_timestamp())")
    found = 'SELECT count(*) FROM "Fleet"."theTable" WHERE mood = \'bad\' AND twice = id * 2'
    wait_until(lambda: target.database.value(found) == 10, 20, daemon.tail())
    assert target.database.value('SELECT count(*) FROM "Fleet"."theTable"') == 501


def test_a_bad_row_is_a_dead_letter_and_the_others_arrive(database, target, make_job):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, name text, at timestamptz NOT NULL "
                     "DEFAULT now()); INSERT INTO t SELECT n, 'row ' || n FROM "
                     "generate_series(1, 2000) n; UPDATE t SET name = NULL WHERE id IN (3, 1999)")
    target.database.execute("CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL, "
                            "at timestamptz)")
    daemon = make_job("table: t, cursor: at")
    daemon.start()
    copied(daemon)
    assert len(target.rows()) == 1998
    letters = daemon.get("/v1/jobs/one/dead-letters")["items"]
    assert sorted(letter["key"]["id"] for letter in letters) == [3, 1999]
    assert "not-null" in letters[0]["reason"]
    assert daemon.job("one")["totals"]["rows_rejected"] == 2
    database.execute("UPDATE t SET name = 'mended', at = clock_timestamp() WHERE id = 3")
    wait_until(lambda: "3" in target.rows(), 20, daemon.tail())
    wait_until(lambda: len(daemon.get("/v1/jobs/one/dead-letters")["items"]) == 1, 20, "mended")


def test_dead_letters_are_replayed(database, target, make_job):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, name text, at timestamptz NOT NULL "
                     "DEFAULT now()); INSERT INTO t VALUES (1, 'one'), (2, NULL), (3, NULL)")
    target.database.execute("CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL, "
                            "at timestamptz)")
    daemon = make_job("table: t, cursor: at")
    daemon.start()
    copied(daemon)
    before = daemon.get("/v1/jobs/one/checkpoint")["position"]
    target.database.execute("ALTER TABLE t ALTER COLUMN name DROP NOT NULL")
    database.execute("DELETE FROM t WHERE id = 3")
    answer = daemon.call("POST", "/v1/jobs/one/dead-letters/replay")
    assert answer.status_code == 202, answer.text
    wait_until(lambda: not daemon.get("/v1/jobs/one/dead-letters")["items"], 20, daemon.tail())
    assert sorted(target.rows()) == ["1", "2"]
    assert daemon.get("/v1/jobs/one/checkpoint")["position"] == before


def test_a_checkpoint_is_put_back_in_the_target(database, target, make_job):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());"
                     "INSERT INTO t SELECT generate_series(1, 100)")
    daemon = make_job("table: t, cursor: at")
    daemon.start()
    copied(daemon)
    assert daemon.call("PUT", "/v1/jobs/one/pause").status_code == 200
    known = daemon.get("/v1/jobs/one/checkpoint")
    assert daemon.call("DELETE", "/v1/jobs/one/checkpoint").status_code in (200, 204)
    assert target.database.value("SELECT checkpoint IS NULL FROM rowferry.checkpoint")
    assert daemon.call("PUT", "/v1/jobs/one/checkpoint", json=known).status_code == 200
    assert daemon.get("/v1/jobs/one/checkpoint") == known
    stored = target.database.value("SELECT checkpoint FROM rowferry.checkpoint")
    assert stored["run_seq"] == known["run_seq"]
    assert daemon.call("PUT", "/v1/jobs/one/resume").status_code == 200
    database.execute("UPDATE t SET at = clock_timestamp() WHERE id = 5")
    wait_until(lambda: daemon.job("one")["totals"]["rows_written"] == 101, 20, daemon.tail())


def test_soft_deletes_and_rows_that_leave_where(database, target, make_job):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, kind text, gone timestamptz, at "
                     "timestamptz NOT NULL DEFAULT now());"
                     "INSERT INTO t SELECT n, 'movie' FROM generate_series(1, 100) n")
    daemon = make_job("table: t, cursor: at, where: \"kind = 'movie'\", deleted: {column: gone}")
    daemon.start()
    copied(daemon)
    database.execute("UPDATE t SET gone = now(), at = clock_timestamp() WHERE id <= 5;"
                     "UPDATE t SET kind = 'book', at = clock_timestamp() WHERE id BETWEEN 6 AND 9")
    wait_until(lambda: len(target.rows()) == 91, 20, daemon.tail())
    wait_until(lambda: daemon.job("one")["totals"]["rows_deleted"] == 9, 20, daemon.tail())


def test_equal_rows_are_not_written_again(database, target, make_job):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, a numeric, b json, at timestamptz NOT "
                     "NULL DEFAULT now()); INSERT INTO t SELECT n, 1.0, '{}' FROM "
                     "generate_series(1, 1000) n")
    daemon = make_job("table: t, cursor: at", schedule="manual")
    assert run(daemon).returncode == 0
    before = dict(target.database.rows("SELECT id, xmin::text FROM t"))
    database.execute("UPDATE t SET a = 1.00 WHERE id = 5")
    assert run(daemon, "--full").returncode == 0
    after = dict(target.database.rows("SELECT id, xmin::text FROM t"))
    assert [key for key in before if before[key] != after[key]] == [5]
    assert str(target.database.value("SELECT a::text FROM t WHERE id = 5")) == "1.00"


def test_replace_keeps_what_hangs_on_the_table(database, target, make_job):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, name text);"
                     "INSERT INTO t SELECT n, 'row ' || n FROM generate_series(1, 1000) n")
    target.database.execute("CREATE TABLE t (id int PRIMARY KEY, name text);"
                            "INSERT INTO t VALUES (7, 'old'), (5000, 'gone');"
                            "CREATE VIEW v AS SELECT * FROM t; GRANT SELECT ON t TO public;"
                            "CREATE TABLE child (t_id int REFERENCES t DEFERRABLE);"
                            "INSERT INTO child VALUES (7)")
    daemon = make_job("table: t", ", write: replace", schedule="manual")
    assert run(daemon).returncode == 0
    assert_equal(database.table_as_json("t"), target.rows())
    assert target.database.value("SELECT count(*) FROM v") == 1000
    assert target.database.value("SELECT has_table_privilege('public', 't', 'SELECT')")
    database.execute("DELETE FROM t WHERE id > 900")
    assert run(daemon).returncode == 0
    assert_equal(database.table_as_json("t"), target.rows())
    database.execute("DELETE FROM t WHERE id = 7")
    failed = run(daemon)
    assert failed.returncode != 0 and "child" in failed.stderr
    assert len(target.rows()) == 900


def test_append_needs_no_key_and_counts_once(database, target, make_job):
    database.execute("CREATE TABLE t (name text, at timestamptz NOT NULL DEFAULT now());"
                     "INSERT INTO t SELECT 'row ' || n FROM generate_series(1, 1000) n")
    daemon = make_job("table: t", ", write: append", schedule="manual")
    assert run(daemon).returncode == 0
    assert target.database.value("SELECT count(*) FROM t") == 1000
    assert run(daemon).returncode == 0
    assert target.database.value("SELECT count(*) FROM t") == 2000


def test_a_new_column_is_added(database, target, make_job):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());"
                     "INSERT INTO t SELECT generate_series(1, 10)")
    daemon = make_job("table: t, cursor: at")
    daemon.start()
    copied(daemon)
    database.execute("ALTER TABLE t ADD COLUMN note varchar(9); "
                     "UPDATE t SET note = 'x', at = clock_timestamp() WHERE id = 2")
    wait_until(lambda: target.rows()["2"].get("note") == "x", 20, daemon.tail())
    assert ("note", "character varying(9)", False) in definition(target.database, "t")


def test_a_target_that_vanishes_is_copied_anew(database, target, make_job):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());"
                     "INSERT INTO t SELECT generate_series(1, 2000)")
    daemon = make_job("table: t, cursor: at")
    daemon.start()
    copied(daemon)
    target.database.execute("DROP TABLE t")
    database.execute("UPDATE t SET at = clock_timestamp() WHERE id = 2")
    wait_until(lambda: len(target.rows()) == 2000, 30, daemon.tail())
    assert "copied anew" in daemon.tail()


@pytest.mark.parametrize("made, sink, says", [
    ("CREATE TABLE t (id int, at timestamptz)", "", "CREATE UNIQUE INDEX CONCURRENTLY ON"),
    ("CREATE TABLE t (id int PRIMARY KEY, at int)", "", "at is timestamp with time zone in the"),
    ("CREATE TABLE t (id int PRIMARY KEY, at timestamptz, more int NOT NULL)", "",
     "SET DEFAULT"),
    ("CREATE VIEW t AS SELECT 1 AS id, now() AS at", "", "is no table"),
    ("CREATE TABLE t (id int PRIMARY KEY)", ", create: false", "has no column at"),
    ("SELECT 1", ", create: false", "does not exist"),
])
def test_what_stops_the_job_before_any_row(made, sink, says, database, target, make_job):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());"
                     "INSERT INTO t SELECT generate_series(1, 10)")
    target.database.execute(made)
    daemon = make_job("table: t, cursor: at", sink, schedule="manual")
    failed = run(daemon)
    assert failed.returncode in (1, 2), failed.stderr
    assert says in failed.stderr, failed.stderr


def test_the_checkpoint_of_the_target_wins_over_a_lost_state(database, target, make_job):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());"
                     "INSERT INTO t SELECT generate_series(1, 1000)")
    daemon = make_job("table: t, cursor: at")
    daemon.start()
    copied(daemon)
    assert daemon.stop() == 0
    for file in daemon.folder.glob("state.db*"):
        file.unlink()
    database.execute("UPDATE t SET at = clock_timestamp() WHERE id = 3")
    daemon.start()
    copied(daemon)
    runs = daemon.get("/v1/runs?job=one")["items"]
    assert sum(each["rows_read"] for each in runs) < 10, runs
    assert daemon.job("one")["totals"]["rows_written"] == 1001
    stored = target.database.value("SELECT checkpoint FROM rowferry.checkpoint WHERE job = 'one'")
    assert stored["totals"]["rows_written"] == 1001


def test_check_and_plan_say_what_a_run_would_do(database, target, make_job):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, price numeric(9,2), address inet, "
                     "at timestamptz NOT NULL DEFAULT now()); INSERT INTO t VALUES (1, 1.5)")
    daemon = make_job("table: t, cursor: at")
    plan = command("plan", "--config", daemon.config)
    assert plan.returncode == 0, plan.stderr
    assert 'CREATE TABLE IF NOT EXISTS "t"' in plan.stdout and '"price" numeric(9,2)' in plan.stdout
    assert "price = 1.50" in plan.stdout
    assert target.rows() == {}
    target.database.execute("CREATE TABLE t (id int PRIMARY KEY, price numeric(9,2))")
    plan = command("plan", "--config", daemon.config)
    assert 'ADD COLUMN IF NOT EXISTS "address" inet' in plan.stdout, plan.stdout + plan.stderr
    target.database.execute("ALTER TABLE t DROP CONSTRAINT t_pkey")
    check = command("check", "--config", daemon.config)
    assert check.returncode != 0
    assert "CREATE UNIQUE INDEX CONCURRENTLY" in check.stdout + check.stderr
    assert target.database.value("SELECT to_regclass('rowferry.checkpoint') IS NULL")


@pytest.mark.parametrize("words, says", [
    ("table: t, write: merge", "write: must be one of"),
    ("table: 'a.b.c.d'", "more than three parts"),
    ("write: upsert", "table: is missing"),
    ("table: t, write: replace", "write: replace is for jobs that copy everything"),
    ("table: t, index: x", "unknown key"),
])
def test_wrong_configurations(words, says, target, database, make_daemon):
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + target.connection(),
        "  one:\n    source: {connection: shop, table: t, cursor: at}\n"
        f"    sink: {{connection: target, {words}}}\n")
    answer = command("check", "--offline", "--config", daemon.config)
    assert answer.returncode == 2
    assert says in answer.stderr, answer.stderr
