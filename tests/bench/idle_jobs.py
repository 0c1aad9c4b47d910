"""What jobs cost that poll an idle source every second: processor, memory and sessions.

    tests/services/up && . /tmp/rowferry-services/env
    $ROWFERRY_TEST_PYTHON tests/bench/idle_jobs.py [JOBS [SECONDS]]
"""

import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.daemon import Daemon  # noqa: E402
from harness.database import Database  # noqa: E402
from harness.environment import wait_until  # noqa: E402


def jobs_block(count):
    return "".join(
        f"  job{number}:\n"
        "    source: {connection: shop, table: item, cursor: updated_at}\n"
        "    sink: {connection: disk, format: ndjson, change_columns: true, "
        f"key: \"job{number}/{{run_seq:06}}-{{part:04}}.ndjson\"}}\n"
        "    schedule: {fetch_delay: 1s}\n" for number in range(count))


def measure(database, count, seconds, folder):
    daemon = Daemon(
        pathlib.Path(folder),
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n"
        f"  disk: {{type: file, path: {folder}/out}}\n", jobs_block(count))
    try:
        daemon.start()
        wait_until(lambda: all(job["lag_seconds"] is not None
                               for job in daemon.get("/v1/jobs")["items"]), 120, daemon.tail())
        time.sleep(5)
        began, before = time.monotonic(), daemon.cpu_seconds()
        most = 0
        while time.monotonic() - began < seconds:
            most = max(most, database.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid()"))
            time.sleep(0.5)
        share = (daemon.cpu_seconds() - before) / (time.monotonic() - began)
        lags = [job["lag_seconds"] for job in daemon.get("/v1/jobs")["items"]]
        return {"jobs": count, "share": share, "peak_mib": daemon.memory_peak_kib() / 1024,
                "sessions": most, "lag": max(lags)}
    finally:
        daemon.kill()


def run(count=200, seconds=60):
    """Our share of a processor, peak memory, sessions and the greatest lag."""
    database = Database()
    try:
        database.execute("CREATE TABLE item AS SELECT n AS id, now() - interval '1 day' AS "
                         "updated_at FROM generate_series(1, 20) n")
        database.execute("ALTER TABLE item ADD PRIMARY KEY (id)")
        database.execute("CREATE INDEX ON item (updated_at, id)")
        with tempfile.TemporaryDirectory() as folder:
            return measure(database, count, seconds, folder)
    finally:
        database.drop()


def main():
    found = run(*(int(word) for word in sys.argv[1:3]))
    print(f"{found['jobs']} jobs: {found['share']:.1%} of one processor, "
          f"{found['peak_mib']:.0f} MiB at most, {found['sessions']} sessions at most "
          f"(max_sessions 8), greatest lag {found['lag']:.1f} s")


if __name__ == "__main__":
    main()
