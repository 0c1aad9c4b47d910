"""An increment of 10,000 changed rows, beside psql with the same query.

Two ways to look at ours: the run in a daemon, from its start to its end (what a poll costs), and
`rowferry run` as a process, which connects and opens its state first, as psql connects.
"""

import datetime
import json
import random
import socket
import sqlite3
import subprocess
import time

import requests

import measuring
import our_side

CHANGED = 10_000
PROGRAM = "rowferry_bench"
COLUMNS = ("id, updated_at, kind, amount, title, payload, token, active, note, parent, closed_at, "
           "score")


class Increment:
    """A table that was copied once; each round changes some rows, which both sides then read."""

    def __init__(self, server, dsn, rows):
        self.server, self.dsn, self.rows = server, dsn, rows
        self.chance = random.Random(1)
        self.query = None
        self.folder = our_side.Folder(dsn, *our_side.NULL)
        self.folder.run([], rows, PROGRAM)
        # The first poll looks again at what the copy saw; it is no part of an increment.
        measuring.run_command([our_side.PROGRAMS / PROGRAM, "run", "--config", self.folder.config,
                               "act"], [])

    def close(self):
        self.folder.__exit__()

    def base(self):
        """The mark that the next poll begins at, from the newer of the two generations."""
        state = sqlite3.connect(self.folder.path / "state.db")
        found = [row for table in ("even", "odd") for row in
                 state.execute(f"SELECT generation, content FROM checkpoints_{table}")]
        state.close()
        return json.loads(json.loads(max(found)[1])["position"])["done"]

    def change(self):
        """New values in rows all over the table, and the query that finds them."""
        base = self.base()
        self.query = (
            f"COPY (SELECT {COLUMNS} FROM act t WHERE t.updated_at >= '{base['low']}'::timestamptz "
            f"- interval '1m' AND age(t.xmin) <= age('{int(base['xmin']) % 2**32}'::xid) "
            "ORDER BY t.updated_at, t.id) TO STDOUT")
        keys = self.chance.sample(range(1, self.rows + 1), CHANGED)
        self.server.execute(self.dsn, "UPDATE act SET kind = kind + 1, updated_at = now() "
                                      "WHERE id = ANY(%s)", (keys,))
        self.server.execute(self.dsn, "CHECKPOINT")
        counted = self.server.execute(self.dsn, "SELECT count(*) FROM (" + self.query.removeprefix(
            "COPY (").removesuffix(") TO STDOUT") + ") q")
        if counted != CHANGED:
            raise RuntimeError(f"the query of before finds {counted} rows")

    def psql(self):
        def run():
            return self.server.psql(self.dsn, self.query, CHANGED)
        return measuring.Contender('`psql -c "COPY (the same query)"`', run)

    def ours(self):
        """`rowferry run` as a process."""
        def run():
            made = self.folder.run([self.server.process], CHANGED, PROGRAM)
            made.checksum = made.rows
            return made
        return measuring.Contender("rowferry run", run, self.change)


class DaemonIncrement(Increment):
    """The same with a daemon that stays."""

    def __init__(self, server, dsn, rows):
        super().__init__(server, dsn, rows)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        config = self.folder.config
        config.write_text(config.read_text("utf-8").replace(
            "daemon: {", f"daemon: {{listen: 127.0.0.1:{port}, "), "utf-8")
        self.daemon = subprocess.Popen(
            [our_side.PROGRAMS / PROGRAM, "serve", "--config", config],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for_daemon()

    def wait_for_daemon(self):
        for _ in range(200):
            try:
                requests.get(f"{self.url}/livez", timeout=1)
                return
            except requests.RequestException:
                time.sleep(0.05)
        raise RuntimeError("the daemon does not answer")

    def close(self):
        self.daemon.terminate()
        self.daemon.wait()
        super().close()

    def ours(self):
        def run():
            before = measuring.tree_seconds(self.daemon.pid)
            with measuring.Meter([self.server.process]) as meter:
                told = self.sync()
            processor = measuring.tree_seconds(self.daemon.pid) - before
            if told["state"] != "succeeded" or told["rows_written"] != CHANGED:
                raise RuntimeError(f"not {CHANGED} rows: {told}")
            return measuring.Run(
                wall=seconds_of(told), processor=processor, server=meter.server, rows=CHANGED,
                bytes=told["bytes_written"], peak_mib=measuring.peak_kib(self.daemon.pid) / 1024,
                checksum=CHANGED, others=meter.others(processor))
        return measuring.Contender("rowferry, run in a daemon", run, self.change)

    def sync(self):
        """One run, asked for through the API, to its end."""
        asked = requests.post(f"{self.url}/v1/jobs/act/runs", json={"type": "sync"}, timeout=10)
        asked.raise_for_status()
        while True:
            told = requests.get(f"{self.url}/v1/runs/{asked.json()['id']}", timeout=10).json()
            if told["finished_at"]:
                return told
            time.sleep(0.01)


def seconds_of(run):
    """From the start of a run to its end, as the daemon tells it."""
    moments = [datetime.datetime.fromisoformat(run[name].replace("Z", "+00:00"))
               for name in ("started_at", "finished_at")]
    return (moments[1] - moments[0]).total_seconds()
