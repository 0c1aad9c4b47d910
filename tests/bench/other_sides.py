"""The peers of the benches: installed on first use, each into an environment of its own."""

import gzip
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid

import measuring

SCRIPTS = pathlib.Path(__file__).parent / "peers"
CACHE = pathlib.Path(os.environ.get("ROWFERRY_CACHE", pathlib.Path.home() / ".cache/rowferry"))
PACKAGES = {
    "sling": ["sling==1.4.11", "sling-linux-amd64==1.4.11"],
    "dlt": ["dlt[filesystem]==1.31.0", "sqlalchemy==2.0.51", "psycopg2-binary==2.9.10"],
    "script": ["psycopg2-binary==2.9.10", "elasticsearch==8.8.2"],
    "pgsync": ["pgsync==7.3.0"],
}


class Unavailable(Exception):
    """A peer that cannot be measured here, and why."""


def environment(name):
    """The folder of programs of a peer's environment."""
    folder = CACHE / f"bench-{name}"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        made = subprocess.run([folder / "bin/pip", "install", "-q", *PACKAGES[name]],
                              capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise Unavailable(f"{' '.join(PACKAGES[name])} does not install: "
                              f"{made.stderr.strip().splitlines()[-1]}")
        (folder / "complete").touch()
    return folder / "bin"


def version(name, package):
    made = subprocess.run([environment(name) / "pip", "list", "--format=json"],
                          capture_output=True, text=True, check=True)
    return next(item["version"] for item in json.loads(made.stdout) if item["name"] == package)


def url_of(dsn):
    words = dict(word.split("=", 1) for word in dsn.split())
    return (f"postgresql://{words['user']}@/{words['dbname']}?host={words['host']}"
            f"&port={words['port']}")


def tcp_url_of(dsn):
    """For those who know no local sockets; the password is that of the service's script."""
    words = dict(word.split("=", 1) for word in dsn.split())
    return (f"postgresql://{words['user']}:rowferry@127.0.0.1:{words['port']}/{words['dbname']}"
            "?sslmode=disable")


def count_rows(paths):
    """(rows, sum of their ids) of JSON lines."""
    count = total = 0
    for path in paths:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as file:
            for line in file:
                count += 1
                total += int(json.loads(line)["id"])
    return count, total


def into_files(name, server, rows, command, pattern, variables=None):
    """A peer that writes JSON lines into a folder in memory. `command(folder)` is what is run."""
    def run():
        folder = pathlib.Path(tempfile.mkdtemp(prefix="rowferry-peer.", dir="/dev/shm"))
        try:
            made = measuring.run_command(command(folder), [server.process],
                                         environment=dict(os.environ, **(variables or {})))
            files = [path for path in folder.rglob(pattern) if "_dlt" not in str(path)]
            made.rows, total = count_rows(files)
            made.bytes = sum(path.stat().st_size for path in files)
            made.checksum = (made.rows, total)
            if made.checksum != (rows, rows * (rows + 1) // 2):
                raise RuntimeError(f"{name}: {made.checksum} is wrong")
            return made
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return measuring.Contender(name, run)


def sling_into_files(server, dsn, rows):
    programs = environment("sling")
    binary = next(programs.parent.rglob("sling-linux-amd64"), None)
    if binary is None:
        raise Unavailable("the wheel of sling holds no program")
    return into_files(
        f"Sling {version('sling', 'sling')}", server, rows, lambda folder: [
            binary, "run", "--src-conn", tcp_url_of(dsn), "--src-stream", "public.act",
            "--tgt-object", f"file://{folder}/act.jsonl"], "*.jsonl",
        {"SLING_BINARY": str(binary), "SLING_DISABLE_TELEMETRY": "true"})


def dlt_into_files(server, dsn, rows):
    programs = environment("dlt")
    return into_files(
        f"dlt {version('dlt', 'dlt')}", server, rows, lambda folder: [
            programs / "python", SCRIPTS / "dlt_copy.py", url_of(dsn), folder], "act/*.jsonl*",
        {"RUNTIME__DLTHUB_TELEMETRY": "false", "DATA_WRITER__DISABLE_COMPRESSION": "true"})


def script_into_files(server, dsn, rows):
    programs = environment("script")
    return into_files(
        "psycopg2 script", server, rows, lambda folder: [
            programs / "python", SCRIPTS / "psycopg2_copy.py", dsn, folder / "act.jsonl"],
        "*.jsonl")


def into_search(name, server, search, rows, command):
    """A peer that writes into an index of its own; documents are counted afterwards."""
    def run():
        index = "bench-" + uuid.uuid4().hex[:8]
        try:
            made = measuring.run_command(command(index), [search.process, server.process])
            made.rows = rows
            made.checksum = search.checksum(index)[:2]
            if made.checksum != (rows, rows * (rows + 1) / 2):
                raise RuntimeError(f"{name}: {made.checksum} is wrong")
            return made
        finally:
            search.drop(index)
    return measuring.Contender(name, run)


def script_into_search(server, search, dsn, rows):
    programs = environment("script")
    return into_search("psycopg2 and helpers.parallel_bulk", server, search, rows, lambda index: [
        programs / "python", SCRIPTS / "psycopg2_bulk.py", dsn, search.url, index, 2])


class PgSync:
    """pgsync's bootstrap: it needs a Redis, which is started for it."""

    def __init__(self, server, search, dsn, rows):
        self.programs = environment("pgsync")
        redis = shutil.which("redis-server")
        if redis is None:
            raise Unavailable("pgsync needs redis-server (apt-get install redis-server)")
        self.version = version("pgsync", "pgsync")
        self.server, self.search, self.dsn, self.rows = server, search, dsn, rows
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.redis = subprocess.Popen(
            [redis, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)

    def close(self):
        self.redis.terminate()
        self.redis.wait()

    def variables(self, folder):
        words = dict(word.split("=", 1) for word in self.dsn.split())
        address = self.search.url.removeprefix("http://").split(":")
        return dict(os.environ, PG_HOST="127.0.0.1", PG_PORT=words["port"], PG_USER=words["user"],
                    PG_PASSWORD="rowferry", PG_DATABASE=words["dbname"], REDIS_HOST="127.0.0.1",
                    REDIS_PORT=str(self.port), ELASTICSEARCH_HOST=address[0],
                    ELASTICSEARCH_PORT=address[1], ELASTICSEARCH_SCHEME="http",
                    ELASTICSEARCH="true", CHECKPOINT_PATH=str(folder), PG_SSLMODE="disable")

    def contender(self):
        return measuring.Contender(f"pgsync {self.version}", self.run)

    def run(self):
        index = "bench-" + uuid.uuid4().hex[:8]
        folder = pathlib.Path(tempfile.mkdtemp(prefix="rowferry-peer.", dir="/dev/shm"))
        words = dict(word.split("=", 1) for word in self.dsn.split())
        schema = folder / "schema.json"
        schema.write_text(json.dumps([{"database": words["dbname"], "index": index, "nodes": {
            "table": "act", "schema": "public"}}]), "utf-8")
        variables = self.variables(folder)
        try:
            # What it makes beforehand (triggers, a slot, a view) is no part of the copy.
            measuring.run_command([self.programs / "bootstrap", "-c", schema], [],
                                  environment=variables)
            made = measuring.run_command([self.programs / "pgsync", "-c", schema],
                                         [self.search.process, self.server.process],
                                         environment=variables)
            made.rows = self.rows
            made.checksum = self.search.checksum(index)[:2]
            if made.checksum != (self.rows, self.rows * (self.rows + 1) / 2):
                raise RuntimeError(f"pgsync: {made.checksum} is wrong")
            return made
        finally:
            measuring.run_command([self.programs / "bootstrap", "-t", "-c", schema], [],
                                  environment=variables)
            self.search.drop(index)
            shutil.rmtree(folder, ignore_errors=True)
