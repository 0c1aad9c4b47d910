"""Every figure that rowferry claims, beside a baseline and beside its peers, as a Markdown table.

    ninja -C build/release rowferry rowferry_bench
    tests/services/up postgres elasticsearch toxiproxy python && . /tmp/rowferry-services/env
    $ROWFERRY_TEST_PYTHON tests/bench/bench.py [ROW...] [--pairs N] [--rows N] [--output FILE]

Rows of the table: bulk1 bulk2 ndjson increment increment-process table search latency idle
files-peers search-peers; all of them unless some are named. Each is measured in alternating rounds
(A B B A) after one discarded run; a run whose rows or checksum are wrong ends the row, and one
beside which others used more than a quarter of a processor is made again. Nothing else may run
meanwhile.
"""

import argparse
import datetime
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import idle_jobs  # noqa: E402
import increment  # noqa: E402
import latency  # noqa: E402
import measuring  # noqa: E402
import other_sides  # noqa: E402
import our_side  # noqa: E402
import report  # noqa: E402
import search_side  # noqa: E402
import table_side  # noqa: E402
from bench_server import TREE, BenchServer  # noqa: E402


class Bench:
    """The rows that can be asked for, each a method `row_NAME`."""

    def __init__(self, options, server):
        self.options = options
        self.server = server
        self.report = report.Report()

    def compare(self, path, ours, theirs, target, unit="rate", before_round=None):
        measuring.alternate([ours, theirs], self.options.pairs, before_round)
        self.report.pair(path, ours, theirs, target, unit)

    def copy_baseline(self, dsn, rows):
        def run():
            return self.server.psql(dsn, "COPY act TO STDOUT", rows)
        return measuring.Contender("`psql COPY text > /dev/null`", run)

    def first_copy(self, path, contender_of, readers, target):
        rows = self.options.rows
        dsn = self.server.table(rows)
        self.compare(path, contender_of(self.server, dsn, rows, readers),
                     self.copy_baseline(dsn, rows), target)

    def row_bulk1(self):
        self.first_copy("first copy to `_bulk` NDJSON, null sink, 1 reader",
                        our_side.copy_into_nothing, 1, 1.4)

    def row_bulk2(self):
        self.first_copy("first copy to `_bulk` NDJSON, null sink, 2 readers",
                        our_side.copy_into_nothing, 2, 2.1)

    def row_ndjson(self):
        self.first_copy("first copy to NDJSON files on tmpfs, 2 readers",
                        our_side.copy_into_files, 2, 1.5)

    def increments(self, path, kind, target):
        # A table of its own: its rows change.
        rows = self.options.rows - self.options.rows // 1000
        dsn = self.server.table(rows)
        made = kind(self.server, dsn, rows)
        try:
            self.compare(path, made.ours(), made.psql(), target, "time", made.change)
        finally:
            made.close()

    def row_increment(self):
        self.increments("increment: 10,000 changed rows", increment.DaemonIncrement, 1.3)

    def row_increment_process(self):
        self.increments("the same with `rowferry run`, a process", increment.Increment, None)

    def row_search(self):
        rows = self.options.search_rows
        dsn = self.server.table(rows)
        search = search_side.Search()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="rowferry-bench.", dir="/dev/shm"))
        try:
            recorded = search_side.RecordedBulk(self.server, search, dsn, rows, folder)
            self.compare(f"into Elasticsearch {search.version}, {rows:,} rows",
                         search_side.ours(self.server, search, recorded, dsn, rows),
                         search_side.bare_client(search, recorded, rows), 0.95)
        finally:
            shutil.rmtree(folder)

    def row_table(self):
        rows = self.options.rows
        target = table_side.Target(self.server, self.server.table(rows))
        try:
            self.compare("first copy into an empty PostgreSQL table with a key",
                         target.ours(rows), target.psql(rows), 1.0)
        finally:
            target.close()

    def row_latency(self):
        found = latency.run(self.options.probes, 5000)
        self.report.single(
            "commit to visible, 5,000 updates/s, fetch_delay 100 ms",
            f"p50 {found['p50'] * 1000:.0f} ms, p99 {found['p99'] * 1000:.0f} ms, most "
            f"{found['most'] * 1000:.0f} ms of {found['probes']} probes, beside "
            f"{found['rate']:,.0f} rows/s written",
            "p99 <= 300 ms", found["p99"] <= 0.3, found["peak_mib"])

    def row_idle(self):
        found = idle_jobs.run(1000, self.options.idle_seconds)
        self.report.single(
            "1,000 idle jobs at 1 s",
            f"{found['share']:.1%} of one processor, {found['peak_mib']:.0f} MiB, "
            f"{found['sessions']} sessions, greatest lag {found['lag']:.1f} s",
            "< 10 %, < 96 MiB", found["share"] < 0.1 and found["peak_mib"] < 96, found["peak_mib"])

    def with_peers(self, path, contenders, makers):
        """All sides in the same rounds; a peer that cannot be had is told of."""
        closing = []
        try:
            for name, make in makers:
                try:
                    made = make(closing)
                    made.warm_up()
                    contenders.append(made)
                except (other_sides.Unavailable, RuntimeError,
                        subprocess.SubprocessError) as error:
                    self.report.skipped(path, name, str(error))
            measuring.alternate(contenders, self.options.peer_rounds)
            self.report.peers(path, contenders)
        finally:
            for thing in closing:
                thing.close()

    def row_files_peers(self):
        rows = self.options.peer_rows
        dsn = self.server.table(rows)
        sides = [self.copy_baseline(dsn, rows),
                 our_side.copy_into_files(self.server, dsn, rows, 1),
                 our_side.copy_into_files(self.server, dsn, rows, 2)]
        self.with_peers(f"{rows:,} rows to JSON lines", sides, [
            ("Sling", lambda _: other_sides.sling_into_files(self.server, dsn, rows)),
            ("dlt", lambda _: other_sides.dlt_into_files(self.server, dsn, rows)),
            ("psycopg2 script", lambda _: other_sides.script_into_files(self.server, dsn, rows))])

    def row_search_peers(self):
        rows = self.options.search_rows
        dsn = self.server.table(rows)
        search = search_side.Search()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="rowferry-bench.", dir="/dev/shm"))

        def pgsync(closing):
            closing.append(other_sides.PgSync(self.server, search, dsn, rows))
            return closing[-1].contender()
        try:
            recorded = search_side.RecordedBulk(self.server, search, dsn, rows, folder)
            sides = [search_side.bare_client(search, recorded, rows),
                     search_side.ours(self.server, search, recorded, dsn, rows)]
            self.with_peers(f"{rows:,} rows into Elasticsearch {search.version}", sides, [
                ("psycopg2 and helpers.parallel_bulk",
                 lambda _: other_sides.script_into_search(self.server, search, dsn, rows)),
                ("pgsync", pgsync)])
        finally:
            shutil.rmtree(folder)


ROWS = ["bulk1", "bulk2", "ndjson", "increment", "increment-process", "table", "search",
        "latency", "idle", "files-peers", "search-peers"]


def about(server, command):
    """Machine, versions and command, which stand beside every figure."""
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = next((line.split(":", 1)[1].strip() for line in info
                      if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [f"Machine: {os.cpu_count()} processors ({model}), {memory:.0f} GiB, "
            f"{platform.system()} {platform.release()}",
            f"Versions: {our_side.version()}; PostgreSQL {server.version}; Python "
            f"{platform.python_version()}",
            f"Command: `{command}`",
            f"Date: {datetime.date.today().isoformat()}"]


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="ROW", choices=ROWS + [[]])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--search-rows", type=int, default=200_000)
    parser.add_argument("--peer-rows", type=int, default=200_000)
    parser.add_argument("--peer-rounds", type=int, default=3)
    parser.add_argument("--probes", type=int, default=300)
    parser.add_argument("--idle-seconds", type=int, default=60)
    parser.add_argument("--output", type=pathlib.Path)
    return parser.parse_args()


def main():
    options = parse()
    failed = False
    with BenchServer() as server:
        bench = Bench(options, server)
        head = about(server, " ".join([os.path.relpath(sys.argv[0], TREE), *sys.argv[1:]]))
        for name in options.names or ROWS:
            print(f"{name} ...", file=sys.stderr, flush=True)
            try:
                getattr(bench, "row_" + name.replace("-", "_"))()
            except Exception as error:  # the other rows are worth their time all the same
                traceback.print_exc()
                bench.report.failed(name, str(error))
                failed = True
            if options.output:
                options.output.write_text(bench.report.text(head), encoding="utf-8")
    print(bench.report.text(head))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
