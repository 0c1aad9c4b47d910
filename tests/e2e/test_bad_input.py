"""What is wrong with the source: said with its place and its remedy, and mended without a loss."""

import pytest

from harness.environment import command, wait_until
from harness.roles import Role

TABLE = """
CREATE TABLE t (id int PRIMARY KEY, name text, updated_at timestamptz NOT NULL DEFAULT now());
INSERT INTO t SELECT n, 'name ' || n FROM generate_series(1, 20) n;
"""
SOON = "    retry: {initial_delay: 50ms, max_delay: 500ms, give_up_after: GIVE_UP}\n"


@pytest.fixture
def make_job(database, make_sink, make_daemon):
    """Makes a daemon (not started) with one job `one`, and its sink."""
    def make(source="table: t, cursor: updated_at", dsn=None, sink="file", give_up="never"):
        target = make_sink(sink, job="one")
        daemon = make_daemon(
            f"  shop: {{type: postgres, dsn: \"{dsn or database.dsn}\"}}\n" + target.connection(),
            f"  one:\n    source: {{connection: shop, {source}}}\n    sink: {target.sink()}\n"
            "    schedule: {fetch_delay: 100ms}\n" + SOON.replace("GIVE_UP", give_up))
        return daemon, target
    return make


def wait_for_state(daemon, state, job="one"):
    wait_until(lambda: daemon.job(job)["state"] == state, 20, f"{state}; {daemon.tail()}")
    return daemon.job(job)["last_error"]


def wait_for_rows(daemon, sink, count=20):
    wait_until(lambda: len(sink.rows()) == count, 30, f"{count} rows; {daemon.tail()}")


def run_once(make_job, **options):
    """`rowferry run` that gives up soon: its exit status and what it said."""
    daemon, _ = make_job(give_up="1s", **options)
    answer = command("run", "--config", daemon.config, "one")
    return answer.returncode, answer.stderr


def contains(text, *words):
    missing = [word for word in words if word not in text]
    assert not missing, f"{missing} not in: {text}"


def test_a_wrong_password(database, make_job):
    database.execute(TABLE)
    with Role(database) as role:
        role.grant("SELECT ON t")
        dsn = role.dsn("guessed-wrong")
        status, said = run_once(make_job, dsn=dsn)
        assert status == 3
        contains(said, "password authentication failed", role.name, "correct the user or password")
        daemon, sink = make_job(dsn=dsn)
        daemon.start()
        error = wait_for_state(daemon, "backing_off")
        contains(error, "password authentication failed", role.name, "correct the user or password")
        wait_until(lambda: daemon.call("GET", "/readyz").status_code == 503, 10, "not ready")
        ready = daemon.call("GET", "/readyz").text
        contains(ready, "shop", "one")
        assert "connection shop: connection shop: " not in ready
        for text in (said, error, ready, daemon.tail(), daemon.call("GET", "/v1/runs").text):
            assert "guessed-wrong" not in text
        database.execute(f"ALTER ROLE {role.name} PASSWORD 'guessed-wrong'")
        wait_for_rows(daemon, sink)
        wait_until(lambda: daemon.call("GET", "/readyz").status_code == 200, 10, "ready again")
        wait_until(lambda: daemon.job("one")["last_error"] is None, 10, "no error any more")


def test_a_missing_table(database, make_job):
    status, said = run_once(make_job, source="table: app.t, cursor: updated_at")
    assert status == 3
    contains(said, "app.t", "does not exist", "create it, or correct the configuration")
    daemon, sink = make_job()
    daemon.start()
    contains(wait_for_state(daemon, "backing_off"), '"t" does not exist', "create it")
    database.execute(TABLE)
    wait_for_rows(daemon, sink)


@pytest.mark.parametrize("source", ["table: t, cursor: updated_at, columns: [id, colour]",
                                    "table: t, cursor: colour",
                                    "table: t, cursor: updated_at, key: [colour]"])
def test_a_missing_column(source, database, make_job):
    database.execute(TABLE)
    status, said = run_once(make_job, source=source)
    assert status == 1
    contains(said, "t has no column colour", "it has: id, name, updated_at")
    daemon, sink = make_job(source=source)
    daemon.start()
    contains(wait_for_state(daemon, "failed"), "t has no column colour", "it has: id, name")
    database.execute("ALTER TABLE t ADD colour timestamptz NOT NULL DEFAULT now()")
    assert daemon.sync("one")["state"] == "succeeded"
    assert len(list(sink.objects())) == 20
    wait_for_state(daemon, "waiting")


def test_a_missing_column_of_the_operators_own_sql(database, make_job):
    database.execute(TABLE)
    status, said = run_once(make_job, source="table: t, cursor: updated_at, where: \"colour = 1\"")
    assert status == 3
    contains(said, 'column "colour" does not exist', "correct the configuration")


def test_a_missing_privilege(database, make_job):
    database.execute(TABLE)
    with Role(database) as role:
        status, said = run_once(make_job, dsn=role.dsn())
        assert status == 3
        contains(said, "permission denied for table t", "grant it to the connection's user")
        daemon, sink = make_job(dsn=role.dsn())
        daemon.start()
        contains(wait_for_state(daemon, "backing_off"), "permission denied for table t", "grant it")
        role.grant("SELECT ON t")
        wait_for_rows(daemon, sink)


def test_a_role_that_may_not_see_other_sessions(database, make_job):
    database.execute(TABLE)
    with Role(database) as role:
        role.grant("SELECT ON t")
        daemon, sink = make_job(dsn=role.dsn(), source="table: t, cursor: updated_at, overlap: 7m")
        daemon.start()
        wait_for_rows(daemon, sink)
        assert daemon.job("one")["guarantee"] == "overlap"
        assert daemon.metric("rowferry_look_back_seconds", job="one") == 420
        contains(daemon.tail(), "overlap", "pg_read_all_stats")
        assert daemon.stop() == 0
        role.grant("pg_read_all_stats")
        daemon.start()
        wait_until(lambda: daemon.job("one")["guarantee"] == "exact", 10, daemon.tail())
        assert daemon.metric("rowferry_look_back_seconds", job="one") == 60


def test_no_primary_key(database, make_job):
    database.execute("CREATE TABLE t (id int, updated_at timestamptz NOT NULL DEFAULT now());"
                     "INSERT INTO t SELECT generate_series(1, 20)")
    status, said = run_once(make_job)
    assert status == 1
    contains(said, "t has no primary key", "source.key")
    daemon, _ = make_job()
    daemon.start()
    contains(wait_for_state(daemon, "failed"), "t has no primary key", "source.key")
    daemon, sink = make_job(source="table: t, cursor: updated_at, key: [id]")
    daemon.start()
    wait_for_rows(daemon, sink)


def test_no_key_of_a_full_copy_into_an_index(database, make_job):
    database.execute("CREATE TABLE t (id int)")
    status, said = run_once(make_job, source="table: t", sink="elasticsearch")
    assert status == 1
    contains(said, "t has no key", "add a primary key", "source.key")


def test_a_cursor_that_is_no_time(database, make_job):
    database.execute(TABLE)
    status, said = run_once(make_job, source="table: t, cursor: name")
    assert status == 1
    contains(said, "source.cursor", "name of t is text", "must be a timestamp or date")


@pytest.mark.parametrize("name", ["elasticsearch", "file"])
def test_an_empty_table(name, database, make_job):
    database.execute(TABLE.split("INSERT")[0])
    daemon, sink = make_job(sink=name)
    daemon.start()
    wait_until(lambda: daemon.job("one")["lag_seconds"] is not None, 20, daemon.tail())
    job = daemon.job("one")
    assert job["state"] in ("waiting", "running") and job["last_error"] is None
    assert sink.rows() == {}
    assert daemon.sync("one")["rows_read"] == 0
    database.execute("INSERT INTO t VALUES (1, 'first')")
    wait_for_rows(daemon, sink, 1)
