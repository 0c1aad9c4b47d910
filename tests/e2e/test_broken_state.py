"""A state file that is damaged, or in somebody else's hands: said, and never `from zero` in
silence."""

import sqlite3

import pytest

from harness.environment import command, wait_until


@pytest.fixture
def job(database, make_sink, make_daemon):
    """A daemon that was stopped after its first copy of 50 rows, and its sink."""
    database.execute("CREATE TABLE t (id int PRIMARY KEY, name text, "
                     "updated_at timestamptz NOT NULL DEFAULT now());"
                     "INSERT INTO t SELECT n, 'name ' || n FROM generate_series(1, 50) n")
    sink = make_sink("file", job="one")
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        "  one:\n    source: {connection: shop, table: t, cursor: updated_at}\n"
        f"    sink: {sink.sink()}\n    schedule: {{fetch_delay: 1m}}\n"
        "    retry: {initial_delay: 50ms, max_delay: 500ms}\n")
    daemon.start()
    wait_until(lambda: daemon.job("one")["lag_seconds"] is not None, 20, daemon.tail())
    assert daemon.stop() == 0
    return daemon, sink


def state_of(daemon):
    """The state file, with nothing of it left in other files."""
    state = daemon.folder / "state.db"
    connection = sqlite3.connect(state)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return state


def half(content):
    return content[:len(content) // 2]


def garbage(content):
    return b"\x00\xffthis is no database" * (len(content) // 20)


def broken_pages(content):
    """The head is right; of each later page the middle is not."""
    pages = [bytearray(content[at:at + 4096]) for at in range(0, len(content), 4096)]
    for page in pages[1:]:
        page[0:512] = b"\xa5" * 512
    return b"".join(pages)


@pytest.mark.parametrize("damage", [half, garbage, broken_pages, lambda content: content[:10]],
                         ids=["half", "garbage", "pages", "ten_bytes"])
def test_a_damaged_state_file(damage, job):
    daemon, sink = job
    state = state_of(daemon)
    sound = state.read_bytes()
    state.write_bytes(damage(sound))
    damaged = state.read_bytes()
    manifests = len(sink.manifests())
    for words in (("serve", "--config", daemon.config), ("run", "--config", daemon.config, "one")):
        answer = command(*words, seconds=30)
        assert answer.returncode == 1, answer.stderr
        for part in ("the state", str(state), "is damaged", "backup", "first copy"):
            assert part in answer.stderr, answer.stderr
    assert len(sink.manifests()) == manifests
    assert state.read_bytes() == damaged
    # With its backup in its place all goes on.
    state.write_bytes(sound)
    daemon.start()
    run = daemon.sync("one")
    assert (run["state"], run["rows_read"]) == ("succeeded", 0)


def change_state(daemon, sql):
    connection = sqlite3.connect(daemon.folder / "state.db")
    with connection:
        connection.execute(sql)
    connection.close()


def test_a_damaged_checkpoint_is_not_a_first_copy(job):
    daemon, sink = job
    for table in ("checkpoints_even", "checkpoints_odd"):
        change_state(daemon, f"UPDATE {table} SET content = substr(content, 3)")
    daemon.start()
    wait_until(lambda: daemon.job("one")["last_error"], 20, daemon.tail())
    job_now = daemon.job("one")
    for words in ("the checkpoint of job one", "is damaged", "backup", "--full"):
        assert words in job_now["last_error"], job_now
    assert job_now["state"] in ("backing_off", "failed")
    states = [run["state"] for run in daemon.get("/v1/runs?job=one")["items"]]
    assert len(sink.manifests()) == 1 and states == ["failed", "succeeded"]
    answer = daemon.call("POST", "/v1/jobs/one/runs", json={"type": "full"})
    assert daemon.wait_for_run(answer.json()["id"])["rows_written"] == 50
    assert daemon.job("one")["last_error"] is None


def test_the_generation_before_is_used(job, database):
    daemon, _ = job
    daemon.start()
    database.execute("UPDATE t SET name = 'new', updated_at = now() WHERE id = 7")
    assert daemon.sync("one")["rows_written"] == 1
    assert daemon.stop() == 0
    connection = sqlite3.connect(daemon.folder / "state.db")
    newest = max(("checkpoints_even", "checkpoints_odd"), key=lambda table: connection.execute(
        f"SELECT coalesce(max(generation), 0) FROM {table}").fetchone()[0])
    connection.close()
    change_state(daemon, f"UPDATE {newest} SET content = 'x'")
    daemon.start()
    wait_until(lambda: daemon.job("one")["lag_seconds"] is not None, 20, daemon.tail())
    assert daemon.job("one")["last_error"] is None
    assert "the sound one of its two generations is used" in daemon.tail()
    run = daemon.sync("one")
    assert run["state"] == "succeeded" and run["rows_read"] <= 1


def test_a_file_of_something_else(job):
    daemon, _ = job
    state = daemon.folder / "state.db"
    state.unlink()
    connection = sqlite3.connect(state)
    connection.execute("CREATE TABLE mine (id)")
    connection.close()
    answer = command("serve", "--config", daemon.config, seconds=30)
    assert answer.returncode == 2, answer.stderr
    assert "not a state of rowferry" in answer.stderr
    assert "daemon.state.path" in answer.stderr


def test_a_state_of_a_newer_version(job):
    daemon, _ = job
    change_state(daemon, "PRAGMA user_version = 99")
    answer = command("run", "--config", daemon.config, "one", seconds=30)
    assert answer.returncode == 2, answer.stderr
    assert "newer rowferry" in answer.stderr


def test_two_on_one_state(job):
    daemon, _ = job
    daemon.start()
    text = daemon.config.read_text(encoding="utf-8").replace(f":{daemon.port}", ":0")
    second = daemon.folder / "second.yaml"
    second.write_text(text.replace("1m", "1s"), encoding="utf-8")
    answer = command("serve", "--config", second, seconds=30)
    assert answer.returncode == 2, answer.stderr
    for words in ("state.db", f"in use by process {daemon.process.pid}", "stop that one"):
        assert words in answer.stderr, answer.stderr
    # `run` beside the daemon is fine while the daemon does not run this very job.
    answer = command("run", "--config", daemon.config, "one", seconds=30)
    assert answer.returncode == 0, answer.stderr
    assert daemon.job("one")["last_run"]["run_seq"] == 2
    assert daemon.sync("one")["run_seq"] == 3


def test_a_second_daemon_on_the_same_address(job, tmp_path):
    daemon, _ = job
    daemon.start()
    other = tmp_path / "other.yaml"
    other.write_text(daemon.config.read_text(encoding="utf-8").replace("state.db", "state2.db"),
                     encoding="utf-8")
    answer = command("serve", "--config", other, seconds=30)
    assert answer.returncode in (2, 3), answer.stderr
    assert str(daemon.port) in answer.stderr and "in use" in answer.stderr, answer.stderr
