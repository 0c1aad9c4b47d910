"""rowferry in the benches: configurations, runs, and proofs of what was written."""

import json
import os
import pathlib
import shutil
import tempfile
import zlib

import measuring
from bench_server import TREE

PROGRAMS = pathlib.Path(os.environ.get("ROWFERRY_BENCH_PROGRAMS", TREE / "build/release/bin"))
NULL = ('{type: "null"}', '{connection: out, index: act, compression: none}')


class Folder:
    """A folder in memory with a configuration of one job `act`, removed at the end."""

    def __init__(self, dsn, connection, sink, readers=1, more=""):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="rowferry-bench.", dir="/dev/shm"))
        self.config = self.path / "rowferry.yaml"
        self.config.write_text(
            f"daemon: {{state: {{store: sqlite, path: {self.path}/state.db}}}}\n"
            f"connections:\n  shop: {{type: postgres, dsn: \"{dsn}\"}}\n"
            f"  out: {connection.replace('FOLDER', str(self.path))}\n"
            "jobs:\n  act:\n"
            f"    source: {{connection: shop, table: act, cursor: updated_at, parallel: {readers}"
            f"{more}}}\n    sink: {sink}\n    schedule: manual\n", encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def run(self, servers, rows, program="rowferry"):
        """One `rowferry run` that must write `rows` rows."""
        run = measuring.run_command(
            [PROGRAMS / program, "run", "--config", self.config, "act", "--json"], servers)
        told = json.loads(run.output)
        if told["state"] != "succeeded" or told["rows_written"] != rows:
            raise RuntimeError(f"not {rows} rows: {told}")
        run.rows = told["rows_written"]
        run.bytes = told["bytes_written"]
        return run


def version():
    run = measuring.run_command([PROGRAMS / "rowferry", "--version"], [])
    return run.output.decode("ascii").strip()


def lines_checksum(paths):
    """(lines, sum of their CRC-32): the same whatever their order."""
    count = total = 0
    for path in paths:
        with open(path, "rb") as file:
            for line in file:
                count += 1
                total += zlib.crc32(line)
    return count, total


def copy_into_nothing(server, dsn, rows, readers):
    """A first copy whose `_bulk` bodies are made and dropped; all bytes stand for a checksum."""
    def run():
        with Folder(dsn, *NULL, readers=readers) as folder:
            made = folder.run([server.process], rows, "rowferry_bench")
            made.checksum = made.bytes
            return made
    return measuring.Contender(f"rowferry, {readers} reader{'s' if readers > 1 else ''}", run)


def copy_into_files(server, dsn, rows, readers=2):
    """A first copy to NDJSON files in memory, read again and compared with the first run."""
    def run():
        sink = '{connection: out, format: ndjson, key: "{run_seq:06}-{part:04}.ndjson"}'
        with Folder(dsn, "{type: file, path: FOLDER/out}", sink, readers=readers) as folder:
            made = folder.run([server.process], rows)
            files = sorted((folder.path / "out").rglob("*.ndjson"))
            made.checksum = lines_checksum(files)
            made.bytes = sum(path.stat().st_size for path in files)
            if made.checksum[0] != rows:
                raise RuntimeError(f"{made.checksum[0]} lines, not {rows}")
            return made
    return measuring.Contender(f"rowferry, {readers} readers", run)
