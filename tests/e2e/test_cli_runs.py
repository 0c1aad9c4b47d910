"""`rowferry trigger`, `pause`, `resume` and `cancel` against a running daemon."""

import json
import os
import pty
import subprocess

import pytest

from harness.environment import binary, command, wait_until

JOB = ("  {name}:\n"
       "    source: {{connection: shop, table: {table}, cursor: updated_at}}\n"
       "    sink: {{connection: disk, key: \"{{job}}/{{run_seq:06}}-{{part:04}}.ndjson\"}}\n"
       "    schedule: manual\n"
       "    retry: {{give_up_after: 1s, max_delay: 500ms}}\n")


@pytest.fixture
def make(database, make_daemon, tmp_path):
    """Makes a daemon with jobs of these names, each from a table of its own name."""
    def made(*names, job=""):
        for name in names:
            database.execute(f"CREATE TABLE {name} (id int PRIMARY KEY, name text, "
                             "updated_at timestamptz DEFAULT now());"
                             f"INSERT INTO {name} SELECT generate_series(1, 10)")
        daemon = make_daemon(
            f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n"
            f"  disk: {{type: file, path: {tmp_path}/out}}\n",
            "".join(JOB.format(name=name, table=name) + job for name in names))
        daemon.start()
        return daemon
    return made


def cli(daemon, *words):
    return command(*words, "--api", daemon.url(""))


def in_background(daemon, *words, **streams):
    return subprocess.Popen([binary(), *words, "--api", daemon.url("")], stdin=subprocess.DEVNULL,
                            text=True, **streams)


def locked(database, table):
    """A session that keeps readers of a table waiting until it is closed."""
    holder = database.connect()
    holder.cursor().execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    return holder


def runs(daemon, job, state):
    return daemon.get(f"/v1/runs?job={job}&state={state}")["items"]


def test_trigger(make):
    daemon = make("one")
    started = cli(daemon, "trigger", "one")
    assert started.returncode == 0 and started.stdout == ""
    assert started.stderr.startswith("one: sync is ")
    wait_until(lambda: runs(daemon, "one", "succeeded"), 20, "the run's end")
    as_json = cli(daemon, "trigger", "one", "--type", "full", "--json")
    run = json.loads(as_json.stdout)
    assert (run["job"], run["type"]) == ("one", "full")
    assert daemon.wait_for_run(run["id"])["rows_read"] == 10


def test_trigger_and_wait(make):
    daemon = make("one")
    done = cli(daemon, "trigger", "--wait")
    assert done.returncode == 0 and done.stdout == ""
    assert "one run 1 succeeded: 10 rows read, 10 written, 0 deleted, 0 rejected" in done.stderr
    as_json = cli(daemon, "trigger", "one", "--wait", "--json", "--type", "full")
    run = json.loads(as_json.stdout)
    assert as_json.returncode == 0 and run["state"] == "succeeded" and run["finished_at"]
    assert run == daemon.get(f"/v1/runs/{run['id']}")


def test_wait_ends_as_the_run_does(database, make):
    daemon = make("one", job="    batch: {rows: 5}\n")
    database.execute("ALTER TABLE one RENAME TO away")
    failed = cli(daemon, "trigger", "one", "--wait")
    assert failed.returncode == 1 and "failed" in failed.stderr and "one" in failed.stderr


def test_rejects_are_told_by_the_status(database, make_daemon, tmp_path):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, name text, "
                     "updated_at timestamptz DEFAULT now());"
                     "INSERT INTO t VALUES (1, 'short'), (2, repeat('x', 5000))")
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n"
        f"  disk: {{type: file, path: {tmp_path}/out}}\n",
        "  one:\n"
        "    source: {connection: shop, table: t, cursor: updated_at, row_bytes_max: 1KiB}\n"
        "    sink: {connection: disk}\n"
        "    schedule: manual\n")
    daemon.start()
    done = cli(daemon, "trigger", "one", "--wait")
    assert done.returncode == 4 and "1 rejected" in done.stderr


def test_wrong_calls(make):
    daemon = make("one", "two")
    unknown = cli(daemon, "trigger", "none")
    assert unknown.returncode == 2 and "none" in unknown.stderr
    which = cli(daemon, "trigger")
    assert which.returncode == 2 and "one, two; or give --all" in which.stderr
    assert cli(daemon, "trigger", "one", "--from", "yesterday").returncode == 2
    assert cli(daemon, "trigger", "one", "--type", "fast").returncode == 2
    idle = cli(daemon, "cancel", "one")
    assert idle.returncode == 1 and "no run of one is under way" in idle.stderr
    assert cli(daemon, "cancel", "none").returncode == 2
    assert cli(daemon, "pause", "none").returncode == 2


def test_pause_and_resume(make):
    daemon = make("one", "two")
    paused = cli(daemon, "pause", "one")
    assert paused.returncode == 0 and paused.stderr == "one: paused\n"
    refused = cli(daemon, "trigger", "one")
    assert refused.returncode == 1 and "paused" in refused.stderr
    as_json = json.loads(cli(daemon, "resume", "one", "--json").stdout)
    assert as_json["state"] == "waiting"
    everything = cli(daemon, "pause", "--all")
    assert everything.returncode == 0 and everything.stderr == "one: paused\ntwo: paused\n"
    assert daemon.job("two")["state"] == "paused"
    cli(daemon, "resume", "one")
    some = cli(daemon, "trigger", "--all", "--wait")
    assert some.returncode == 1
    assert "one run 1 succeeded" in some.stderr and "two: " in some.stderr


def test_cancel(database, make):
    daemon = make("one", "two")
    holder = locked(database, "one")
    waiting = in_background(daemon, "trigger", "one", "--wait", stderr=subprocess.PIPE)
    try:
        wait_until(lambda: runs(daemon, "one", "running"), 20, "a run")
        shown = cli(daemon, "status", "one").stdout
        assert "state      running" in shown and "progress   one: 0 rows" in shown
        cancelled = cli(daemon, "cancel", "one")
        assert cancelled.returncode == 0 and "one: sync (run id" in cancelled.stderr
        assert waiting.wait(30) == 1
        assert "cancelled" in waiting.stderr.read()
        assert cli(daemon, "cancel", "--all").returncode == 0
    finally:
        holder.close()
        waiting.kill()


def test_progress_line_on_a_terminal(database, make):
    daemon = make("one")
    holder = locked(database, "one")
    ours, theirs = pty.openpty()
    waiting = in_background(daemon, "trigger", "one", "--wait", stderr=theirs)
    os.close(theirs)
    try:
        wait_until(lambda: runs(daemon, "one", "running"), 20, "a run")
        seen = ""
        while "\rone: 0 rows, 0 rows/s" not in seen:
            seen += os.read(ours, 4096).decode()
    finally:
        holder.close()
    assert waiting.wait(30) == 0


@pytest.mark.parametrize("asked_again", [True, False])
def test_a_daemon_that_restarts_is_waited_for(database, make, asked_again):
    daemon = make("one")
    holder = locked(database, "one")
    waiting = in_background(daemon, "trigger", "one", "--wait", stderr=subprocess.PIPE)
    try:
        wait_until(lambda: runs(daemon, "one", "running"), 20, "a run")
        daemon.kill()
        daemon.start()
    finally:
        holder.close()
    if asked_again:
        daemon.call("POST", "/v1/jobs/one/runs", json={"type": "sync"})
    status = waiting.wait(60)
    told = waiting.stderr.read()
    if asked_again:
        assert status == 0 and "succeeded" in told, told
    else:
        assert status == 1 and "a restart of the daemon interrupted" in told, told
