"""SIGHUP: another configuration is followed, a wrong one refused, and what stayed the same is not
disturbed."""

import signal

import pytest

from harness.environment import wait_until

JOB = ("  {name}:\n    source: {{connection: shop, table: {table}, cursor: updated_at}}\n"
       "    sink: {{connection: disk, format: ndjson, change_columns: true, "
       "key: \"{{job}}/{{run_seq:06}}-{{part:04}}.ndjson\"}}\n"
       "    schedule: {{fetch_delay: {delay}}}\n")


@pytest.fixture
def daemon(database, make_sink, make_daemon):
    for table in ("a", "b", "c"):
        database.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, "
                         "updated_at timestamptz NOT NULL DEFAULT now());"
                         f"INSERT INTO {table} SELECT generate_series(1, 10)")
    made = make_daemon(f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n"
                       + make_sink("file").connection(),
                       JOB.format(name="one", table="a", delay="100ms")
                       + JOB.format(name="two", table="b", delay="100ms"))
    made.start()
    for job in ("one", "two"):
        wait_until(lambda job=job: made.job(job)["lag_seconds"] is not None, 20, made.tail())
    return made


def reload(daemon, change, said="the configuration was read again"):
    text = daemon.config.read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    daemon.config.write_text(changed, encoding="utf-8")
    before = daemon.log.read_text(encoding="utf-8").count(said)
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: daemon.log.read_text(encoding="utf-8").count(said) > before, 20,
               daemon.tail())


def names(daemon):
    return sorted(job["name"] for job in daemon.get("/v1/jobs")["items"])


def test_jobs_come_and_go(daemon, database):
    reload(daemon, lambda text: text + JOB.format(name="three", table="c", delay="100ms"))
    assert names(daemon) == ["one", "three", "two"]
    wait_until(lambda: daemon.job("three")["totals"]["rows_written"] == 10, 20, daemon.tail())
    runs = len(daemon.get("/v1/runs?job=one")["items"])
    reload(daemon, lambda text: text[:text.index("  two:")] + text[text.index("  three:"):])
    assert names(daemon) == ["one", "three"]
    assert daemon.call("GET", "/v1/jobs/two").status_code == 404
    assert daemon.metric("rowferry_lag_seconds", job="two") is None
    assert daemon.metric("rowferry_lag_seconds", job="three") is not None
    database.execute("UPDATE a SET updated_at = now() WHERE id = 3; INSERT INTO c VALUES (11)")
    wait_until(lambda: daemon.job("one")["totals"]["rows_written"] == 11, 20, daemon.tail())
    wait_until(lambda: daemon.job("three")["totals"]["rows_written"] == 11, 20, daemon.tail())
    assert len(daemon.get("/v1/runs?job=one")["items"]) == runs + 1


def test_an_edited_job_goes_on_from_its_checkpoint(daemon, database):
    reload(daemon, lambda text: text.replace("table: b, cursor: updated_at}",
                                             "table: b, cursor: updated_at, where: \"id > 2\"}"))
    assert "ended=two" in daemon.tail() and "begun=two" in daemon.tail()
    assert daemon.job("two")["totals"]["rows_written"] == 10
    database.execute("UPDATE b SET updated_at = now() WHERE id IN (1, 5)")
    wait_until(lambda: daemon.job("two")["totals"]["rows_written"] == 11, 20, daemon.tail())
    assert daemon.job("two")["totals"]["rows_deleted"] == 1


def test_a_wrong_configuration_is_refused(daemon, database):
    reload(daemon, lambda text: text.replace("table: b,", "tabel: b,").replace("100ms", "often"),
           said="was not read again")
    log = daemon.tail()
    assert "key=jobs.two.source.tabel" in log and "key=jobs.one.schedule" in log
    assert names(daemon) == ["one", "two"]
    database.execute("INSERT INTO b VALUES (11)")
    wait_until(lambda: daemon.job("two")["totals"]["rows_written"] == 11, 20, daemon.tail())


def test_a_connection_that_changed(daemon, database):
    reload(daemon, lambda text: text.replace("type: postgres,",
                                             "type: postgres, max_sessions: 3,"))
    assert "ended=\"one, two\"" in daemon.tail()
    assert daemon.call("GET", "/readyz").status_code in (200, 503)
    database.execute("INSERT INTO a VALUES (11); INSERT INTO b VALUES (11)")
    for job in ("one", "two"):
        wait_until(lambda job=job: daemon.job(job)["totals"]["rows_written"] == 11, 20,
                   daemon.tail())
    wait_until(lambda: daemon.call("GET", "/readyz").status_code == 200, 20, daemon.tail())
    reload(daemon, lambda text: text.replace("daemon:\n", "daemon:\n  history_runs: 7\n"))
    assert "need a restart" in daemon.tail() and "history_runs" in daemon.tail()
    assert daemon.stop() == 0
