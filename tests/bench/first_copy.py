"""The first copy of 2,000,000 rows beside `psql COPY ... > /dev/null`, in alternating pairs.

    ninja -C build/release rowferry rowferry_bench
    python3 tests/bench/first_copy.py [PATH...] [--pairs N] [--rows N]   # a Python with psycopg2

Starts a PostgreSQL of its own (2 GB of shared_buffers: everything is cached) and stops it again.

Paths: `bulk1`, `bulk2` (_bulk NDJSON into a sink that drops it, 1 and 2 readers), `ndjson` (files
on /dev/shm, 2 readers). A run whose row count is wrong ends the program: it has no time. Prints the
median rows/s of both sides, the median of the pairs' ratios, our processor time and peak memory.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

import psycopg2

TREE = pathlib.Path(__file__).resolve().parents[2]
PSQL = "/usr/lib/postgresql/15/bin/psql"
SERVICE = str(TREE / "tests/services/postgres")
FOLDER = "/tmp/rowferry-bench"
PORT = "25433"
SERVER = f"host={FOLDER}/postgres/socket port={PORT} user=postgres dbname=postgres"
TABLE = """
CREATE TABLE act AS SELECT i::bigint AS id,
  timestamptz '2026-01-01' + i * interval '1 second' AS updated_at, (i % 1000)::int AS kind,
  (i * 1.37)::numeric(12, 2) AS amount, rpad(md5(i::text), 60, 'x') AS title,
  jsonb_build_object('a', i, 'b', md5(i::text), 'c', jsonb_build_array(1, 2, 3),
                     'd', repeat('y', 60)) AS payload,
  md5(i::text)::uuid AS token, i % 2 = 0 AS active,
  CASE WHEN i % 3 = 0 THEN 'note ' || i END AS note, CASE WHEN i % 4 = 0 THEN i END AS parent,
  CASE WHEN i % 5 = 0 THEN now() END AS closed_at,
  CASE WHEN i % 7 = 0 THEN i / 3.0::float8 END AS score
FROM generate_series(1, %s) i;
ALTER TABLE act ADD PRIMARY KEY (id);
CREATE INDEX act_updated_at ON act (updated_at, id);
"""


def postgres(verb):
    """Starts or stops the bench's own server."""
    variables = dict(os.environ, ROWFERRY_SERVICES_DIR=FOLDER, ROWFERRY_POSTGRES_PORT=PORT,
                     ROWFERRY_POSTGRES_SHARED_BUFFERS="2GB")
    subprocess.run([SERVICE, verb], check=True, env=variables, stdout=subprocess.DEVNULL)


def make_table(rows):
    """The bench's own database, kept between calls; all of it in the server's memory."""
    name = f"bench_{rows}"
    admin = psycopg2.connect(SERVER)
    admin.autocommit = True
    cursor = admin.cursor()
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    missing = cursor.fetchone() is None
    if missing:
        cursor.execute(f"CREATE DATABASE {name}")
    dsn = " ".join([word for word in SERVER.split() if not word.startswith("dbname=")]
                   + [f"dbname={name}"])
    if missing:
        made = psycopg2.connect(dsn)
        made.autocommit = True
        made.cursor().execute(TABLE.replace("%", "%%").replace("%%s", "%s"), (rows,))
        made.cursor().execute("VACUUM (ANALYZE) act")
        made.cursor().execute("CREATE EXTENSION pg_prewarm")
        made.cursor().execute("CHECKPOINT")
    warm = psycopg2.connect(dsn)
    warm.cursor().execute("SELECT pg_prewarm('act')")
    warm.close()
    return dsn


def timed(command, **options):
    """Wall seconds, processor seconds and peak MiB of a command, and what it printed."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command} ended with {process.returncode}"
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output


def psql_copy(dsn):
    with open("/dev/null", "wb") as null:
        return timed([PSQL, "-X", "-q", dsn, "-c", "COPY act TO STDOUT"], stdout=null)[0]


def configuration(folder, dsn, path):
    readers = 1 if path == "bulk1" else 2
    sink = ("{connection: out, format: ndjson, key: \"{run_seq:06}-{part:04}.ndjson\"}"
            if path == "ndjson" else "{connection: out, index: act, compression: none}")
    connection = (f"{{type: file, path: {folder}/out}}" if path == "ndjson" else "{type: \"null\"}")
    file = folder / "rowferry.yaml"
    file.write_text(
        f"daemon: {{state: {{store: sqlite, path: {folder}/state.db}}}}\n"
        f"connections:\n  shop: {{type: postgres, dsn: \"{dsn}\"}}\n  out: {connection}\n"
        "jobs:\n  act:\n"
        f"    source: {{connection: shop, table: act, cursor: updated_at, parallel: {readers}}}\n"
        f"    sink: {sink}\n    schedule: manual\n", encoding="utf-8")
    return file


def our_copy(dsn, path, rows):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rowferry-bench.", dir="/dev/shm"))
    try:
        file = configuration(folder, dsn, path)
        name = "rowferry" if path == "ndjson" else "rowferry_bench"
        program = TREE / "build/release/bin" / name
        wall, processor, peak, output = timed(
            [program, "run", "--config", file, "act", "--json"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        run = json.loads(output)
        assert run["rows_written"] == rows, run
        return wall, processor, peak
    finally:
        shutil.rmtree(folder)


def measure(dsn, path, rows, pairs):
    our_copy(dsn, path, rows)
    psql_copy(dsn)
    ratios, ours, theirs, processor, peak = [], [], [], [], []
    for pair in range(pairs):
        # A B B A: whatever drifts, drifts for both.
        if pair % 2 == 0:
            mine = our_copy(dsn, path, rows)
            other = psql_copy(dsn)
        else:
            other = psql_copy(dsn)
            mine = our_copy(dsn, path, rows)
        ratios.append(other / mine[0])
        ours.append(rows / mine[0])
        theirs.append(rows / other)
        processor.append(mine[1])
        peak.append(mine[2])
    print(f"{path}: {statistics.median(ours):,.0f} rows/s beside psql's "
          f"{statistics.median(theirs):,.0f}: {statistics.median(ratios):.2f}x "
          f"({min(ratios):.2f} to {max(ratios):.2f}); our processor "
          f"{statistics.median(processor) / rows * 1e6:.2f} s a million rows, "
          f"peak {max(peak):.0f} MiB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", default=["bulk1", "bulk2", "ndjson"])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=2_000_000)
    options = parser.parse_args()
    postgres("start")
    try:
        dsn = make_table(options.rows)
        for path in options.paths:
            measure(dsn, path, options.rows, options.pairs)
    finally:
        postgres("stop")


if __name__ == "__main__":
    main()
