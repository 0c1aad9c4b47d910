"""Throughput into a search index behind 50 ms of added latency: `concurrency` N beside N times one.

    tests/services/up && . /tmp/rowferry-services/env
    $ROWFERRY_TEST_PYTHON tests/bench/slow_sink.py [ROUNDS]

Batches are small (200 rows), so that the latency is most of the time of a request and the server's
own processors are not what is measured. Prints the median of each and the share that is reached.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness import environment  # noqa: E402
from harness.database import Database  # noqa: E402
from harness.sinks import SearchIndex  # noqa: E402
from harness.toxiproxy import ToxicProxy  # noqa: E402

ROWS = 20_000
STREAMS = (1, 2, 4)


def configuration(folder, database, proxy, index, concurrency):
    file = pathlib.Path(folder) / "rowferry.yaml"
    file.write_text(
        f"daemon: {{state: {{store: sqlite, path: {folder}/state.db}}}}\n"
        f"connections:\n  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n"
        + index.connection(proxy.url) +
        "jobs:\n  items:\n    source: {connection: shop, table: item, cursor: updated_at}\n"
        f"    sink: {index.sink(f', concurrency: {concurrency}')}\n"
        "    batch: {rows: 200}\n    schedule: manual\n", encoding="utf-8")
    return file


def rows_per_second(database, concurrency):
    index = SearchIndex("elasticsearch")
    try:
        with ToxicProxy(index.url) as proxy, tempfile.TemporaryDirectory() as folder:
            proxy.add("latency", latency=50)
            file = configuration(folder, database, proxy, index, concurrency)
            done = subprocess.run([environment.binary(), "run", "--config", str(file), "items",
                                   "--json"], check=True, capture_output=True, text=True)
            run = json.loads(done.stdout)
            assert run["rows_written"] == ROWS, run
            seconds = float(done.stderr.rsplit(" in ", 1)[1].split()[0])
            return ROWS / seconds
    finally:
        index.drop()


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    database = Database()
    try:
        database.execute("CREATE TABLE item AS SELECT n AS id, 'row ' || n AS name, now() - "
                         "interval '1 day' AS updated_at FROM generate_series(1, %s) n", (ROWS,))
        database.execute("ALTER TABLE item ADD PRIMARY KEY (id)")
        database.execute("CREATE INDEX ON item (updated_at, id)")
        rows_per_second(database, 1)
        found = {streams: [] for streams in STREAMS}
        for _ in range(rounds):
            for streams in STREAMS:
                found[streams].append(rows_per_second(database, streams))
        one = statistics.median(found[1])
        for streams in STREAMS:
            median = statistics.median(found[streams])
            print(f"concurrency {streams}: {median:,.0f} rows/s, {median / one:.2f} times one "
                  f"stream, {median / one / streams:.0%} of {streams} times")
    finally:
        database.drop()


if __name__ == "__main__":
    main()
