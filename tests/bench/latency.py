"""From commit to visible in the search index, with a fetch_delay of 100 ms, beside a busy editor.

    tests/services/up && . /tmp/rowferry-services/env
    $ROWFERRY_TEST_PYTHON tests/bench/latency.py [PROBES] [UPDATES_A_SECOND]

An editor updates random rows; a probe changes one row and asks for its document until it has the
new value (a get by id sees what was written at once, without the index's refresh). Prints
percentiles.
"""

import pathlib
import random
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.daemon import Daemon  # noqa: E402
from harness.database import Database  # noqa: E402
from harness.environment import wait_until  # noqa: E402
from harness.sinks import SearchIndex  # noqa: E402

ROWS = 100_000
STATEMENT_ROWS = 100


def edit(database, per_second, stopping):
    """Changes STATEMENT_ROWS random rows in each transaction."""
    connection = database.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        while not stopping.is_set():
            keys = random.sample(range(2, ROWS), STATEMENT_ROWS)
            cursor.execute("UPDATE item SET value = value + 1, updated_at = now() "
                           "WHERE id = ANY(%s)", (keys,))
            time.sleep(STATEMENT_ROWS / per_second)


def probe(database, index, number):
    """Seconds from the commit to the document."""
    database.execute("UPDATE item SET value = %s, updated_at = now() WHERE id = 1", (-number,))
    committed = time.monotonic()
    wait_until(lambda: index.document("1")["value"] == -number, 20, "the probe", pause=0.002)
    return time.monotonic() - committed


def measure(database, probes, per_second, folder):
    index = SearchIndex("elasticsearch")
    daemon = Daemon(
        pathlib.Path(folder),
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + index.connection(),
        "  items:\n    source: {connection: shop, table: item, cursor: updated_at}\n"
        f"    sink: {index.sink()}\n    schedule: {{fetch_delay: 100ms}}\n")
    stopping = threading.Event()
    editor = threading.Thread(target=edit, args=(database, per_second, stopping), daemon=True)
    try:
        daemon.start()
        wait_until(lambda: daemon.job("items")["lag_seconds"] is not None, 120, daemon.tail())
        editor.start()
        before = daemon.metric("rowferry_rows_written_total", job="items")
        began = time.monotonic()
        found = sorted(probe(database, index, number) for number in range(1, probes + 1))
        rate = (daemon.metric("rowferry_rows_written_total", job="items") - before) / (
            time.monotonic() - began)
        return {"probes": probes, "rate": rate, "p50": found[len(found) // 2],
                "p99": found[int(len(found) * 0.99)], "most": found[-1],
                "peak_mib": daemon.memory_peak_kib() / 1024}
    finally:
        stopping.set()
        daemon.kill()
        index.drop()


def run(probes=200, per_second=1000):
    """Percentiles in seconds, rows a second that were written meanwhile, and our peak memory."""
    database = Database()
    try:
        database.execute("CREATE TABLE item AS SELECT n AS id, 0::bigint AS value, now() - "
                         "interval '1 day' AS updated_at FROM generate_series(1, %s) n", (ROWS,))
        database.execute("ALTER TABLE item ADD PRIMARY KEY (id)")
        database.execute("CREATE INDEX ON item (updated_at, id)")
        database.execute("ANALYZE item")
        with tempfile.TemporaryDirectory() as folder:
            return measure(database, probes, per_second, folder)
    finally:
        database.drop()


def main():
    found = run(*(int(word) for word in sys.argv[1:3]))
    print(f"{found['probes']} probes beside {found['rate']:,.0f} rows/s written: "
          f"p50 {found['p50'] * 1000:.0f} ms, p99 {found['p99'] * 1000:.0f} ms, "
          f"most {found['most'] * 1000:.0f} ms")


if __name__ == "__main__":
    main()
