"""Sweeps: rows whose cursor was never moved, or was set far back, reach the sink all the same."""

import json

import pytest

from harness.compare import assert_equal
from harness.environment import command, wait_until

TABLE = """
CREATE TABLE item (id bigint PRIMARY KEY, value text, updated_at timestamptz NOT NULL);
CREATE INDEX ON item (updated_at, id);
INSERT INTO item SELECT n, 'first', now() FROM generate_series(1, 2000) n;
"""
SILENT = "UPDATE item SET value = 'silent', updated_at = '2020-01-01' WHERE id % 2 = 0"


def job(sink, source=""):
    return ("  items:\n"
            f"    source: {{connection: shop, table: item, cursor: updated_at{source}}}\n"
            f"    sink: {sink}\n"
            "    schedule: {fetch_delay: 100ms}\n"
            "    batch: {rows: 100}\n")


@pytest.fixture(params=["elasticsearch", "file"])
def swept(request, database, make_sink, make_daemon):
    """A daemon that has copied the table, and its sink."""
    database.execute(TABLE)
    sink = make_sink(request.param)
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        job(sink.sink(), ", where: \"value <> 'hidden'\""))
    daemon.start()
    wait_until(lambda: daemon.job("items")["lag_seconds"] is not None, 20, daemon.tail())
    return daemon, sink


def ask(daemon):
    answer = daemon.call("POST", "/v1/jobs/items/runs", json={"type": "sweep"})
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_sends_what_polls_cannot_see(swept, database):
    daemon, sink = swept
    database.execute(SILENT)
    assert daemon.sync("items")["rows_read"] == 0
    run = daemon.wait_for_run(ask(daemon)["id"])
    assert (run["type"], run["state"], run["rows_read"]) == ("sweep", "succeeded", 1000)
    assert_equal(database.table_as_json("item"), sink.rows())
    database.execute("UPDATE item SET value = 'hidden' WHERE id = 7")
    asked = command("trigger", "--api", daemon.url(""), "items", "--type", "sweep", "--wait")
    assert asked.returncode == 0, asked.stderr
    gone = database.table_as_json("item")
    gone.pop("7")
    assert_equal(gone, sink.rows())
    assert daemon.metric("rowferry_runs_total", job="items", type="sweep",
                         outcome="succeeded") == 2
    # The next one has nothing to find, and the polls went on behind each of them.
    assert daemon.wait_for_run(ask(daemon)["id"])["rows_read"] == 0
    database.execute("UPDATE item SET value = 'loud', updated_at = now() WHERE id = 8")
    wait_until(lambda: sink.rows()["8"]["value"] == "loud", 20, daemon.tail())


def test_keeps_its_base_in_the_checkpoint(swept, database):
    daemon, sink = swept
    database.execute(SILENT)
    assert daemon.call("PUT", "/v1/jobs/items/pause").status_code == 200
    before = daemon.call("GET", "/v1/jobs/items/checkpoint").text
    assert "swept" in before
    answer = daemon.call("PUT", "/v1/jobs/items/checkpoint", data=before,
                         headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    assert json.loads(daemon.call("GET", "/v1/jobs/items/checkpoint").text) == json.loads(before)
    assert daemon.stop() == 0
    daemon.start()
    assert daemon.call("PUT", "/v1/jobs/items/resume").status_code == 200
    assert daemon.wait_for_run(ask(daemon)["id"])["rows_read"] == 1000
    assert_equal(database.table_as_json("item"), sink.rows())


@pytest.mark.parametrize("point", ["deliver.written=kill@4", "commit.saved=kill",
                                   "commit.flushed=kill", "run.before_finish=kill"])
def test_that_was_killed_goes_on(swept, database, point):
    daemon, sink = swept
    assert daemon.stop() == 0
    database.execute(SILENT)
    daemon.start(failpoint=point)
    run = ask(daemon)
    assert daemon.wait_for_death(30), daemon.tail()
    database.execute("UPDATE item SET value = 'loud', updated_at = now() WHERE id = 9")
    daemon.start()
    ended = daemon.wait_for_run(run["id"])
    assert (ended["type"], ended["state"]) == ("sweep", "succeeded")
    # Where nothing had been committed it begins anew, and meets the row that was changed meanwhile.
    assert ended["rows_read"] in (1000, 1001)
    daemon.sync("items")
    assert_equal(database.table_as_json("item"), sink.rows())
    sweeps = [one for one in daemon.get("/v1/runs?job=items")["items"] if one["type"] == "sweep"]
    assert len(sweeps) == 1


def test_of_a_job_without_cursor_is_refused(database, make_sink, make_daemon):
    database.execute(TABLE)
    sink = make_sink("file")
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        job(sink.sink()).replace(", cursor: updated_at", ""))
    daemon.start()
    answer = daemon.call("POST", "/v1/jobs/items/runs", json={"type": "sweep"})
    assert answer.status_code == 409
    assert "no cursor" in answer.json()["detail"]
    answer = daemon.call("POST", "/v1/jobs/items/runs",
                         json={"type": "sweep", "from": "2026-01-01"})
    assert answer.status_code == 400
