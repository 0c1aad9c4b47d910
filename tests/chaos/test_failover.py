"""Standbys, promotions, updates that a failover lost, clocks that go back: afterwards sink equals
table, and what was not held in between was said."""

import threading
import time

import psycopg2
import pytest

from harness import writers
from harness.cluster import either
from harness.compare import assert_equal, differences
from harness.environment import command, wait_until
from harness.toxiproxy import ToxicProxy

ROWS = 3000

SINKS = pytest.mark.parametrize("name", ["elasticsearch", "file"])


def fill(cluster, count=ROWS):
    cluster.execute(writers.SCHEMA)
    cluster.execute("INSERT INTO item SELECT n, n, 'row ' || n, n / 3.0, '{}', "
                    "now() - interval '1 day' FROM generate_series(1, %s) n", (count,))
    cluster.execute("ANALYZE item")


def items_job(sink, more=""):
    return ("  items:\n"
            f"    source: {{connection: shop, table: item, cursor: updated_at{more}}}\n"
            f"    sink: {sink.sink()}\n"
            "    batch: {rows: 100}\n"
            "    schedule: {fetch_delay: 100ms}\n"
            "    retry: {initial_delay: 50ms, max_delay: 500ms}\n")


def connection(name, dsn, more=""):
    return f"  {name}: {{type: postgres, dsn: \"{dsn}\"{more}}}\n"


def make_job(make_daemon, sink, dsn, more=""):
    return make_daemon(connection("shop", dsn) + sink.connection(), items_job(sink, more))


class Guarantees:
    """What the job promised, as a monitor sees it."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.seen = []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self.ended.is_set():
            word = self.daemon.job("items")["guarantee"]
            if not self.seen or self.seen[-1] != word:
                self.seen.append(word)
            time.sleep(0.002)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def copied(daemon):
    wait_until(lambda: daemon.job("items")["lag_seconds"] is not None, 60, daemon.tail())


def settle(daemon):
    assert daemon.sync("items", 120)["state"] == "succeeded"
    assert daemon.sync("items", 120)["state"] == "succeeded"


def runs(daemon, kind):
    return [run for run in daemon.get("/v1/runs?job=items&limit=500")["items"]
            if run["type"] == kind]


@SINKS
@pytest.mark.timeout(300)
def test_an_update_that_a_failover_lost(name, make_cluster, make_sink, make_daemon):
    """The update, and its stamp, were sent; then they are no more."""
    old = make_cluster()
    fill(old)
    new = make_cluster(primary=old)
    new.wait_for(old)
    sink = make_sink(name)
    daemon = make_job(make_daemon, sink, either(old, new))
    daemon.start()
    copied(daemon)
    # It replicates to nobody: the standby is away.
    new.control("stop")
    old.execute("UPDATE item SET value = -1, updated_at = clock_timestamp() WHERE id <= 50")
    wait_until(lambda: sink.rows()["7"]["value"] == -1, 30, daemon.tail())
    assert daemon.job("items")["guarantee"] == "exact"
    old.control("kill")
    new.control("start")
    with Guarantees(daemon) as guarantees:
        new.control("promote")
        wait_until(lambda: runs(daemon, "full") and
                   runs(daemon, "full")[0]["state"] == "succeeded", 60, daemon.tail())
        wait_until(lambda: daemon.job("items")["guarantee"] == "exact", 20, daemon.tail())
    assert guarantees.seen == ["exact", "unverified", "exact"]
    assert "another timeline" in daemon.tail()
    settle(daemon)
    assert_equal(new.table_as_json("item"), sink.rows())
    assert len(runs(daemon, "full")) == 1


@pytest.mark.timeout(300)
def test_a_kill_in_the_copy_behind_a_failover(make_cluster, make_sink, make_daemon):
    """Unverified it stays until the copy has ended, whichever process makes it."""
    old = make_cluster()
    fill(old)
    new = make_cluster(primary=old)
    new.wait_for(old)
    sink = make_sink("elasticsearch")
    # Behind 100 ms a batch the copy lasts long enough to be looked at.
    with ToxicProxy(sink.url) as proxy:
        proxy.add("latency", latency=100)
        daemon = make_daemon(connection("shop", either(old, new)) + sink.connection(proxy.url),
                             items_job(sink))
        daemon.start()
        copied(daemon)
        new.control("stop")
        old.execute("UPDATE item SET value = -1, updated_at = clock_timestamp() WHERE id <= 50")
        wait_until(lambda: sink.rows()["7"]["value"] == -1, 30, daemon.tail())
        daemon.kill()
        old.control("kill")
        new.control("start")
        new.control("promote")
        for failpoint in ("run.opened", "sink.opened", "commit.saved"):
            daemon.start(failpoint=f"{failpoint}=kill", wait=False)
            assert daemon.wait_for_death(30), f"{failpoint}: {daemon.tail()}"
        daemon.start()
        with Guarantees(daemon) as guarantees:
            wait_until(lambda: daemon.job("items")["guarantee"] == "exact", 60, daemon.tail())
        assert "unverified" in guarantees.seen
        settle(daemon)
        assert_equal(new.table_as_json("item"), sink.rows())


@pytest.mark.timeout(300)
def test_a_row_that_a_failover_lost_stays_and_is_told(make_cluster, make_index, make_daemon):
    old = make_cluster()
    fill(old, 200)
    new = make_cluster(primary=old)
    new.wait_for(old)
    index = make_index()
    daemon = make_job(make_daemon, index, either(old, new))
    daemon.start()
    copied(daemon)
    new.control("stop")
    old.execute("INSERT INTO item VALUES (9999, 1, 'lost', 1, '{}', clock_timestamp())")
    wait_until(lambda: "9999" in index.rows(), 30, daemon.tail())
    old.control("kill")
    new.control("start")
    new.control("promote")
    wait_until(lambda: "rows that were lost" in daemon.tail(), 60, daemon.tail())
    settle(daemon)
    found = differences(new.table_as_json("item"), index.rows())
    assert found == {"missing": [], "stale": [], "extra": ["9999"]}


@SINKS
@pytest.mark.timeout(300)
def test_a_standby_promoted_in_mid_run(name, make_cluster, make_sink, make_daemon):
    primary = make_cluster()
    fill(primary)
    standby = make_cluster(primary=primary)
    sink = make_sink(name)
    daemon = make_daemon(
        connection("main", primary.dsn) +
        connection("shop", standby.dsn, ", replica_of: main") + sink.connection(),
        items_job(sink))
    daemon.start()
    copied(daemon)
    assert daemon.job("items")["guarantee"] == "exact"
    lost = writers.Writers(primary, count=4)
    with pytest.raises(psycopg2.OperationalError):  # What they left prepared is out of reach.
        with lost:
            wait_until(lambda: daemon.job("items")["totals"]["rows_read"] > ROWS + 300, 60,
                       daemon.tail())
            primary.control("kill")
    standby.control("promote")
    with writers.Writers(standby, count=4) as editors:
        wait_until(lambda: runs(daemon, "full") and
                   runs(daemon, "full")[0]["state"] == "succeeded", 60, daemon.tail())
        editors.stop()
    settle(daemon)
    assert_equal(standby.table_as_json("item"), sink.rows())
    assert "replica_of is left aside" in daemon.log.read_text(errors="replace")
    assert daemon.job("items")["guarantee"] == "exact"


@SINKS
@pytest.mark.timeout(300)
def test_a_standby_that_lags_behind_reconnects(name, make_cluster, make_sink, make_daemon):
    """Each restart throws the standby back behind what it had shown: it applies late."""
    primary = make_cluster()
    fill(primary)
    standby = make_cluster(primary=primary)
    standby.configure(recovery_min_apply_delay="1500ms")
    sink = make_sink(name)
    daemon = make_daemon(
        connection("main", primary.dsn) +
        connection("shop", standby.dsn, ", replica_of: main") + sink.connection(),
        items_job(sink))
    daemon.start()
    copied(daemon)
    with writers.Writers(primary, count=4) as editors:
        for _ in range(3):
            time.sleep(3)
            standby.control("restart-immediate")
        editors.stop()
    settle(daemon)
    assert_equal(primary.table_as_json("item"), sink.rows())
    assert daemon.job("items")["guarantee"] == "exact"
    assert not runs(daemon, "full")


@pytest.mark.timeout(200)
def test_the_lag_of_a_standby_is_a_lag_of_the_job(make_cluster, make_sink, make_daemon):
    primary = make_cluster()
    fill(primary, 100)
    standby = make_cluster(primary=primary)
    sink = make_sink("file")
    daemon = make_daemon(
        connection("main", primary.dsn) +
        connection("shop", standby.dsn, ", replica_of: main") + sink.connection(),
        items_job(sink))
    daemon.start()
    copied(daemon)
    wait_until(lambda: daemon.job("items")["lag_seconds"] < 1, 20, daemon.tail())
    standby.execute("SELECT pg_wal_replay_pause()")
    primary.execute("UPDATE item SET value = -1, updated_at = now() WHERE id = 7")
    wait_until(lambda: daemon.job("items")["lag_seconds"] > 3, 20, daemon.tail())
    assert sink.rows()["7"]["value"] != -1
    standby.execute("SELECT pg_wal_replay_resume()")
    wait_until(lambda: daemon.job("items")["lag_seconds"] < 1, 20, daemon.tail())
    assert sink.rows()["7"]["value"] == -1


@SINKS
@pytest.mark.timeout(200)
def test_a_clock_set_back_by_an_hour_between_two_runs(name, make_cluster, make_sink, make_daemon):
    shop = make_cluster(own_clock=True)
    fill(shop)
    sink = make_sink(name)
    daemon = make_job(make_daemon, sink, shop.dsn)
    daemon.config.write_text(daemon.config.read_text(encoding="utf-8").replace(
        "schedule: {fetch_delay: 100ms}", "schedule: manual"), encoding="utf-8")
    daemon.start()
    settle(daemon)
    shop.execute("UPDATE item SET value = 1, updated_at = clock_timestamp() WHERE id <= 20")
    settle(daemon)
    before = shop.value("SELECT clock_timestamp()")
    shop.set_clock("-1h")
    wait_until(lambda: shop.value("SELECT clock_timestamp()") < before, 20, "an earlier time")
    shop.execute("UPDATE item SET value = 2, updated_at = clock_timestamp() WHERE id <= 30")
    settle(daemon)
    assert_equal(shop.table_as_json("item"), sink.rows())
    shop.execute("UPDATE item SET value = 3, updated_at = clock_timestamp() WHERE id <= 40")
    settle(daemon)
    assert_equal(shop.table_as_json("item"), sink.rows())
    assert daemon.job("items")["guarantee"] == "exact"


@pytest.mark.timeout(200)
def test_another_system_waits_for_a_full_run(make_cluster, make_index, make_daemon):
    one, other = make_cluster(), make_cluster()
    fill(one, 300)
    fill(other, 300)
    other.execute("UPDATE item SET value = -5")
    index = make_index()
    daemon = make_job(make_daemon, index, either(one, other))
    daemon.start()
    copied(daemon)
    one.control("stop")
    wait_until(lambda: daemon.job("items")["state"] == "failed", 60, daemon.tail())
    error = daemon.job("items")["last_error"]
    assert "another system identifier" in error and "full run" in error
    assert daemon.call("PUT", "/v1/jobs/items/resume").status_code == 200
    wait_until(lambda: daemon.job("items")["state"] == "failed", 60, daemon.tail())
    assert index.rows()["7"]["value"] != -5
    answer = daemon.call("POST", "/v1/jobs/items/runs", json={"type": "full"})
    assert answer.status_code == 202, answer.text
    assert daemon.wait_for_run(answer.json()["id"])["state"] == "succeeded"
    settle(daemon)
    assert_equal(other.table_as_json("item"), index.rows())


@pytest.mark.parametrize("zone", [", cursor_timezone: America/New_York", ""])
@SINKS
def test_stamps_of_new_york(name, zone, database, make_sink, make_daemon):
    database.execute("CREATE TABLE item (id int PRIMARY KEY, value int, updated_at timestamp "
                     "NOT NULL); CREATE INDEX ON item (updated_at, id);"
                     "SET TimeZone = 'America/New_York';"
                     "INSERT INTO item SELECT n, n, now() FROM generate_series(1, 200) n")
    sink = make_sink(name)
    daemon = make_job(make_daemon, sink, database.dsn, zone)
    daemon.start()
    copied(daemon)
    for value in range(3):
        database.execute("SET TimeZone = 'America/New_York';"
                         "UPDATE item SET value = %s, updated_at = now() WHERE id <= 20", (-value,))
        settle(daemon)
    assert_equal(database.table_as_json("item"), sink.rows())


def test_check_and_plan_know_a_standby(make_cluster, make_sink, make_daemon):
    primary = make_cluster()
    fill(primary, 10)
    standby = make_cluster(primary=primary)
    sink = make_sink("file")

    def answer(verb, main, shop):
        daemon = make_daemon(connection("main", main) +
                             connection("shop", shop, ", replica_of: main") + sink.connection(),
                             items_job(sink))
        found = command(verb, "--config", daemon.config)
        return found.returncode, found.stdout + found.stderr

    status, text = answer("check", primary.dsn, standby.dsn)
    assert status == 0 and "a standby of main" in text, text
    assert "exact, by the transactions of the standby's primary" in text, text
    status, text = answer("plan", primary.dsn, standby.dsn)
    assert status == 0 and "the primary, connection main, tells the transactions" in text, text
    status, text = answer("check", primary.dsn, primary.dsn)
    assert status == 0 and "the server is no standby" in text, text
    status, text = answer("check", standby.dsn, standby.dsn)
    assert status == 3 and "a standby itself" in text, text
    other = make_cluster()
    status, text = answer("check", other.dsn, standby.dsn)
    assert status == 2 and "different system identifiers" in text, text
    other.control("stop")
    status, text = answer("check", other.dsn, standby.dsn)
    assert status == 3 and "its primary cannot be asked" in text, text
