"""The oracle: busy writers, then sink equals table, row for row; and the proof that the oracle can
fail: the same with the naive cursor."""

import time

import pytest

from harness import environment, writers
from harness.compare import assert_equal, differences
from harness.environment import wait_until

SECONDS = 60 if environment.full_form() else 12


def items_job(sink, more=""):
    return (
        "  items:\n"
        f"    source: {{connection: shop, table: item, cursor: updated_at{more}}}\n"
        f"    sink: {sink}\n"
        "    schedule: {fetch_delay: 100ms}\n")


def settled(daemon):
    """Two more syncs: whatever was committed before is in the sink after the first."""
    assert daemon.sync("items")["state"] == "succeeded"
    assert daemon.sync("items")["state"] == "succeeded"


def run_writers(database, daemon):
    with writers.Writers(database) as editors:
        time.sleep(SECONDS)
        editors.stop()
        print(f"{editors.transactions()} transactions")
    settled(daemon)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", ["elasticsearch", "opensearch", "file", "postgres"])
def test_sink_equals_table(name, database, make_sink, make_daemon):
    database.execute(writers.SCHEMA)
    sink = make_sink(name)
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        items_job(sink.sink()))
    daemon.start()
    wait_until(lambda: daemon.job("items")["lag_seconds"] is not None, 20, daemon.tail())
    assert daemon.job("items")["guarantee"] == "exact"
    run_writers(database, daemon)
    assert_equal(database.table_as_json("item"), sink.rows())
    assert daemon.stop() == 0


def sweep(daemon):
    answer = daemon.call("POST", "/v1/jobs/items/runs", json={"type": "sweep"})
    assert answer.status_code == 202, answer.text
    assert daemon.wait_for_run(answer.json()["id"])["state"] == "succeeded"


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", ["elasticsearch", "file", "postgres"])
def test_sink_equals_table_after_a_sweep(name, database, make_sink, make_daemon):
    """With rows that are changed in silence, and rows that are deleted for good."""
    database.execute(writers.SCHEMA)
    sink = make_sink(name)
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        items_job(sink.sink(), ", tombstones: {table: item_gone, deleted_at: deleted_at}"))
    daemon.start()
    wait_until(lambda: daemon.job("items")["lag_seconds"] is not None, 20, daemon.tail())
    more = [writers.SilentWriter] * 3 + [writers.Undertaker] * 3
    with writers.Writers(database, count=8, more=more) as editors:
        for _ in range(4):
            time.sleep(SECONDS / 4)
            sweep(daemon)
        editors.stop()
    settled(daemon)
    # What was changed in silence behind the last sweep: the oracle can tell.
    table = database.table_as_json("item")
    before = differences(table, sink.rows())
    sweep(daemon)
    assert_equal(table, sink.rows())
    assert before["stale"], "the silent writers changed nothing that a poll missed"
    assert not before["missing"], before
    assert daemon.stop() == 0


@pytest.mark.timeout(400)
def test_naive_cursor_loses_rows(database, make_sink, make_daemon):
    database.execute(writers.SCHEMA)
    index = make_sink("elasticsearch")
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + index.connection(),
        items_job(index.sink(), ", late_commits: off"))
    daemon.start()
    wait_until(lambda: daemon.job("items")["lag_seconds"] is not None, 20, daemon.tail())
    run_writers(database, daemon)
    found = differences(database.table_as_json("item"), index.rows())
    assert found["missing"] or found["stale"], "the oracle saw no loss with the naive cursor"
