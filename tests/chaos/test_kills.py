"""SIGKILL at any instant, and at every failpoint: sink equals table, nothing counted twice."""

import random
import subprocess
import time

import pytest

from harness import environment, writers
from harness.compare import assert_equal
from harness.environment import service, wait_until
from harness.toxiproxy import ToxicProxy

KILLS = 50 if environment.full_form() else 12


def items_job(sink, more=""):
    return (
        "  items:\n"
        "    source: {connection: shop, table: item, cursor: updated_at, chunk_rows: 2000, "
        "parallel: 2}\n"
        f"    sink: {sink}\n"
        "    batch: {rows: 500}\n"
        "    schedule: {fetch_delay: 50ms}\n"
        "    retry: {initial_delay: 100ms, max_delay: 1s}\n" + more)


def fill(database, count):
    database.execute(writers.SCHEMA)
    database.execute("INSERT INTO item SELECT n, n, 'row ' || n, n / 3.0, '{}', "
                     "now() - interval '1 day' FROM generate_series(1, %s) n", (count,))
    database.execute("ANALYZE item")


def make_items(name, database, make_sink, make_daemon, count=20000, store="sqlite"):
    fill(database, count)
    sink = make_sink(name)
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        items_job(sink.sink()), store=store)
    return sink, daemon


def settle(daemon):
    assert daemon.sync("items", 120)["state"] == "succeeded"
    assert daemon.sync("items", 120)["state"] == "succeeded"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name, store", [("elasticsearch", "sqlite"), ("file", "sqlite"),
                                         ("elasticsearch", "yaml"), ("file", "yaml"),
                                         ("postgres", "sqlite")])
def test_random_kills(name, store, database, make_sink, make_daemon):
    sink, daemon = make_items(name, database, make_sink, make_daemon, store=store)
    seed = random.randrange(10**9)
    print(f"seed of the kills: {seed}")
    chance = random.Random(seed)
    with writers.Writers(database, count=6, seed=seed) as editors:
        for _ in range(KILLS):
            daemon.start(wait=False)
            time.sleep(chance.random() * 1.5)
            daemon.kill()
        editors.stop()
    daemon.start()
    settle(daemon)
    assert_equal(database.table_as_json("item"), sink.rows())


def failpoints(*prefixes):
    names = subprocess.run([environment.binary(), "failpoints"], capture_output=True, text=True,
                           check=True).stdout.split()
    return [name for name in names if name.startswith(prefixes)]


COMMON = ("run.", "source.", "sequence.", "sink.", "deliver.", "commit.", "state.")


def walk_failpoints(prefixes, sink, daemon, database):
    """Kills at the first and at a later passage of each failpoint while rows change."""
    rows = 6000
    reached = []
    # What only a copy passes comes first, while the first copy lasts.
    points = sorted(failpoints(*prefixes), key=lambda point: point != "source.chunk_read")
    for point in points:
        for passage in (1, 2):
            database.execute("UPDATE item SET value = value + 1, updated_at = clock_timestamp() "
                             "WHERE id %% 3 = %s", (passage,))
            daemon.start(failpoint=f"{point}=kill@{passage}", wait=False)
            if daemon.wait_for_death(6):
                reached.append(point)
            daemon.kill()
    daemon.start()
    settle(daemon)
    assert_equal(database.table_as_json("item"), sink.rows())
    assert len(sink.rows()) == rows
    return set(reached)


@pytest.mark.timeout(900)
def test_kill_at_every_failpoint_elasticsearch(database, make_sink, make_daemon):
    prefixes = COMMON + ("elasticsearch.",)
    made = make_items("elasticsearch", database, make_sink, make_daemon, 6000)
    reached = walk_failpoints(prefixes, *made, database)
    assert reached == set(failpoints(*prefixes)), set(failpoints(*prefixes)) - reached


@pytest.mark.timeout(900)
@pytest.mark.parametrize("store", ["sqlite", "yaml"])
def test_kill_at_every_failpoint_file(store, database, make_sink, make_daemon):
    prefixes = COMMON + ("file.",)
    made = make_items("file", database, make_sink, make_daemon, 6000, store)
    reached = walk_failpoints(prefixes, *made, database)
    assert reached == set(failpoints(*prefixes)), set(failpoints(*prefixes)) - reached


@pytest.mark.timeout(900)
def test_kill_at_every_failpoint_postgres(database, make_sink, make_daemon):
    prefixes = COMMON + ("postgres.",)
    made = make_items("postgres", database, make_sink, make_daemon, 6000)
    reached = walk_failpoints(prefixes, *made, database)
    assert reached == set(failpoints(*prefixes)), set(failpoints(*prefixes)) - reached


@pytest.mark.parametrize("name", ["elasticsearch", "postgres"])
def test_nothing_counts_twice(name, database, make_sink, make_daemon):
    """A first copy that is killed again and again counts each row once."""
    sink, daemon = make_items(name, database, make_sink, make_daemon, count=30000)
    for pause in (0.3, 0.5, 0.7, 0.4):
        daemon.start(wait=False)
        time.sleep(pause)
        daemon.kill()
    daemon.start()
    wait_until(lambda: daemon.job("items")["lag_seconds"] is not None, 60, daemon.tail())
    assert daemon.job("items")["totals"]["rows_written"] == 30000
    assert len(sink.rows()) == 30000


def rows_read_by_the_server(database):
    """What the server says that its sessions read of the table; sessions tell it when they end."""
    def sessions_left():
        return database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = "
                              "current_database() AND pid <> pg_backend_pid()") == 0
    wait_until(sessions_left, 20, "the end of the daemon's sessions")
    return database.value("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables "
                          "WHERE relname = 'item'")


@pytest.mark.timeout(300)
def test_kill_late_in_a_first_copy_reads_little_again(database, make_sink, make_daemon):
    fill(database, 60000)
    sink = make_sink("elasticsearch")
    # Behind 30 ms a batch the copy lasts for seconds, so that the kill comes where it should.
    with ToxicProxy(sink.url) as proxy:
        proxy.add("latency", latency=30)
        daemon = make_daemon(
            f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(proxy.url),
            items_job(sink.sink()))
        daemon.start()
        wait_until(lambda: daemon.job("items")["totals"]["rows_written"] >= 48000, 60,
                   daemon.tail(), pause=0.01)
        daemon.kill()
        before = rows_read_by_the_server(database)
        daemon.start()
        wait_until(lambda: daemon.job("items")["lag_seconds"] is not None, 60, daemon.tail())
        run = daemon.get("/v1/runs?job=items")["items"][-1]
        assert daemon.stop() == 0
    read = rows_read_by_the_server(database) - before
    assert 0 < read <= 60000 * 0.25, f"{read} of 60000 rows were read after the kill"
    assert run["rows_read"] == 60000 and run["run_seq"] == 1
    assert len(sink.rows()) == 60000


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["elasticsearch", "postgres"])
def test_postgres_crash(name, database, make_sink, make_daemon):
    sink, daemon = make_items(name, database, make_sink, make_daemon)
    daemon.start()
    wait_until(lambda: len(sink.rows()) == 20000, 60, daemon.tail())
    with writers.Writers(database, count=6) as editors:
        for _ in range(3):
            time.sleep(2)
            service("postgres", "restart-immediate")
        time.sleep(1)
        editors.stop()
    settle(daemon)
    assert_equal(database.table_as_json("item"), sink.rows())
    assert daemon.stop() == 0


@pytest.mark.timeout(400)
def test_search_server_stops_and_starts(database, make_sink, make_daemon):
    sink, daemon = make_items("elasticsearch", database, make_sink, make_daemon)
    daemon.start()
    wait_until(lambda: len(sink.rows()) == 20000, 60, daemon.tail())
    with writers.Writers(database, count=4) as editors:
        service("elasticsearch", "stop")
        wait_until(lambda: daemon.job("items")["state"] == "backing_off", 30, daemon.tail())
        wait_until(lambda: daemon.call("GET", "/readyz").status_code == 503, 10, "not ready")
        service("elasticsearch", "start")
        wait_until(lambda: daemon.job("items")["state"] in ("waiting", "running"), 60,
                   daemon.tail())
        editors.stop()
    settle(daemon)
    assert_equal(database.table_as_json("item"), sink.rows())
    wait_until(lambda: daemon.call("GET", "/readyz").status_code == 200, 15, "ready again")
    assert daemon.stop() == 0


def test_kill_between_a_dead_letter_and_the_commit_that_passes_it(database, make_sink, make_daemon):
    """Refused rows are held once and counted once, whatever dies after they were saved."""
    fill(database, 2000)
    sink = make_sink("elasticsearch")
    refused = {str(key): "no number" for key in range(100, 120)}
    sink.request("PUT", "", json={"mappings": {"properties": {"payload": {"type": "long"}}}})
    database.execute("UPDATE item SET payload = CASE WHEN id BETWEEN 100 AND 119 THEN 'no number' "
                     "ELSE id::text END")
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        items_job(sink.sink()))
    for _ in range(2):
        daemon.start(failpoint="dead_letters.saved=kill", wait=False)
        assert daemon.wait_for_death(20), daemon.tail()
    daemon.start()
    wait_until(lambda: daemon.job("items")["lag_seconds"] is not None, 60, daemon.tail())
    job = daemon.job("items")
    letters = daemon.get("/v1/jobs/items/dead-letters?limit=1000")["items"]
    assert sorted(str(letter["key"]["id"]) for letter in letters) == sorted(refused)
    assert job["totals"]["rows_rejected"] == 20 and job["totals"]["rows_written"] == 1980
    assert len(sink.rows()) == 1980
