"""A job that waits, for a statement, a server or a person, says so and can be stopped."""

import time

import pytest
import requests

from harness.environment import command, wait_until


@pytest.fixture
def make_job(database, make_daemon):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, name text, "
                     "updated_at timestamptz NOT NULL DEFAULT now());"
                     "INSERT INTO t SELECT n, 'name ' || n FROM generate_series(1, 500) n")

    def make(sink, source="table: t, cursor: updated_at", retry="", schedule="manual"):
        return make_daemon(
            f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
            f"  one:\n    source: {{connection: shop, {source}}}\n    sink: {sink.sink()}\n"
            f"    schedule: {schedule}\n"
            f"    retry: {{initial_delay: 50ms, max_delay: 300ms{retry}}}\n")
    return make


SLOW = ("query: \"SELECT id, pg_sleep(120)::text AS nap, updated_at FROM t\", key: [id], "
        "read_order: key")


def start_slow(make_job, make_sink):
    daemon = make_job(make_sink("elasticsearch"), source=SLOW)
    daemon.start()
    run = daemon.call("POST", "/v1/jobs/one/runs", json={"type": "sync"}).json()["id"]
    time.sleep(2)
    return daemon, run


def test_a_run_that_waits_for_its_first_row_is_cancelled(make_job, make_sink):
    daemon, run = start_slow(make_job, make_sink)
    assert daemon.call("DELETE", f"/v1/runs/{run}").status_code == 202
    begun = time.monotonic()
    assert daemon.wait_for_run(run, 20)["state"] == "cancelled"
    assert time.monotonic() - begun < 8


def test_a_run_that_waits_for_its_first_row_is_paused(make_job, make_sink):
    daemon, run = start_slow(make_job, make_sink)
    answer = daemon.call("PUT", "/v1/jobs/one/pause")
    assert answer.status_code == 200 and answer.json()["state"] == "paused"
    assert daemon.get(f"/v1/runs/{run}")["state"] == "queued"


def test_a_daemon_that_waits_for_its_first_row_stops(make_job, make_sink, database):
    daemon, _ = start_slow(make_job, make_sink)
    begun = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - begun < 8
    wait_until(lambda: database.value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE "
                                      "'%pg_sleep(120)%' AND state = 'active' AND "
                                      "pid <> pg_backend_pid()") == 0, 10, "the statement's end")


def test_giving_up_before_the_first_row_leaves_a_failed_run(make_job, make_sink):
    daemon = make_job(make_sink("file", job="one"), source="table: missing, cursor: updated_at",
                      retry=", give_up_after: 1s", schedule="{fetch_delay: 200ms}")
    daemon.start()
    wait_until(lambda: daemon.job("one")["state"] == "failed", 20, daemon.tail())
    runs = daemon.get("/v1/runs?job=one&state=failed")["items"]
    assert len(runs) == 1 and "missing" in runs[0]["error"]
    assert daemon.metric("rowferry_runs_total", job="one", type="sync", outcome="failed") == 1


def test_run_beside_a_daemon_that_makes_the_run(make_job, make_sink):
    daemon, _ = start_slow(make_job, make_sink)
    for more in ((), ("--full",), ("--json",)):
        answer = command("run", "--config", daemon.config, "one", *more, seconds=30)
        assert answer.returncode == 3, answer.stderr
        assert "another process" in answer.stderr and "interrupted" not in answer.stderr


@pytest.mark.parametrize("block", ["read_only_allow_delete", "write"])
def test_an_index_that_takes_no_rows(block, make_job, make_sink, database):
    index = make_sink("elasticsearch")
    daemon = make_job(index, schedule="{fetch_delay: 200ms}")
    daemon.start()
    wait_until(lambda: daemon.job("one")["lag_seconds"] is not None, 20, daemon.tail())

    def set_block(value):
        requests.put(f"{index.url}/{index.name}/_settings", timeout=10,
                     json={f"index.blocks.{block}": value}).raise_for_status()
    set_block(True)
    database.execute("UPDATE t SET name = 'later', updated_at = now()")
    wait_until(lambda: "block" in (daemon.job("one")["last_error"] or ""), 10, daemon.tail())
    wait_until(lambda: daemon.job("one")["state"] == "backing_off", 30, daemon.tail())
    assert "attempt failed" in daemon.tail()
    set_block(None)
    wait_until(lambda: daemon.job("one")["last_error"] is None, 30, daemon.tail())
    assert {row["name"] for row in index.rows().values()} == {"later"}


def test_giving_up_on_an_index_that_takes_no_rows(make_job, make_sink, database):
    index = make_sink("elasticsearch")
    daemon = make_job(index, retry=", give_up_after: 2s")
    answer = command("run", "--config", daemon.config, "one", seconds=60)
    assert answer.returncode == 0, answer.stderr
    requests.put(f"{index.url}/{index.name}/_settings", timeout=10,
                 json={"index.blocks.write": True}).raise_for_status()
    database.execute("UPDATE t SET name = 'later', updated_at = now()")
    answer = command("run", "--config", daemon.config, "one", seconds=60)
    assert answer.returncode == 3 and "block" in answer.stderr, answer.stderr
