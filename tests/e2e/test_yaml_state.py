"""The state in YAML: what a person finds in the files, and what happens when they are damaged."""

import shutil
import subprocess

import pytest
import yaml

from harness.compare import assert_equal
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
        "    retry: {initial_delay: 50ms, max_delay: 500ms}\n", store="yaml")
    daemon.start()
    wait_until(lambda: daemon.job("one")["lag_seconds"] is not None, 20, daemon.tail())
    assert daemon.stop() == 0
    return daemon, sink


def files_of(daemon):
    return [path for path in sorted(daemon.folder.rglob("*"))
            if path.is_file() and path.name.startswith("state.yaml") or "state.yaml.d" in str(path)
            and path.is_file()]


def folder_of(daemon):
    return daemon.folder / "state.yaml.d" / "one"


def change_a_row(database, daemon):
    database.execute("UPDATE t SET name = name || '!', updated_at = now() WHERE id = 7")
    return daemon.sync("one")


def test_every_reader_of_yaml_reads_the_files(job, database):
    daemon, _ = job
    daemon.start()
    for _ in range(3):
        change_a_row(database, daemon)
    shown = daemon.job("one")
    assert daemon.stop() == 0
    read = {path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
            for path in files_of(daemon) if not path.name.endswith(".lock")}
    assert read["state.yaml"]["jobs"] == ["one"]
    facts = read["job.yaml"]
    # A poll may have found a row before the run that was asked for: then that run found nothing.
    last = facts["run_seq"]
    assert (facts["job"], facts["paused"]) == ("one", False) and last >= 4
    assert [run["state"] for run in facts["runs"]] == ["succeeded"]
    assert [run["run_seq"] for run in read["history.yaml"]] == list(range(1, last))
    checkpoint = read["checkpoint.yaml"]
    assert checkpoint["totals"]["rows_written"] == shown["totals"]["rows_written"] == 53
    assert yaml.safe_load(checkpoint["position"])["done"]
    previous = read["checkpoint.yaml.previous"]
    assert previous["generation"] == checkpoint["generation"] - 1


def test_pause_history_and_dead_letters_last_across_restarts(job, database):
    daemon, _ = job
    daemon.start()
    runs = [change_a_row(database, daemon)["id"] for _ in range(3)]
    assert daemon.call("PUT", "/v1/jobs/one/pause").status_code == 200
    daemon.kill()
    daemon.start()
    assert daemon.job("one")["state"] == "paused"
    assert [run["id"] for run in daemon.get("/v1/runs?job=one")["items"]][:3] == runs[::-1]
    assert daemon.get(f"/v1/runs/{runs[0]}")["rows_written"] == 1
    assert daemon.call("PUT", "/v1/jobs/one/resume").status_code == 200
    assert change_a_row(database, daemon)["run_seq"] == 5


def test_a_foreground_run_beside_the_daemon(job):
    daemon, _ = job
    daemon.start()
    answer = command("run", "--config", daemon.config, "one", seconds=30)
    assert answer.returncode == 0, answer.stderr
    assert daemon.job("one")["last_run"]["run_seq"] == 2
    assert daemon.sync("one")["run_seq"] == 3
    text = daemon.config.read_text(encoding="utf-8").replace(f":{daemon.port}", ":0")
    second = daemon.folder / "second.yaml"
    second.write_text(text, encoding="utf-8")
    answer = command("serve", "--config", second, seconds=30)
    assert answer.returncode == 2, answer.stderr
    for words in ("state.yaml", f"in use by process {daemon.process.pid}", "stop that one"):
        assert words in answer.stderr, answer.stderr


DAMAGES = {
    "empty": lambda content: b"",
    "half": lambda content: content[:len(content) // 2],
    "garbage": lambda content: b"\x00\xff" * len(content),
    "edited": lambda content: content.replace(b"generation: ", b"generation: 1"),
}


def damage(path, name):
    path.write_bytes(DAMAGES[name](path.read_bytes()))


@pytest.mark.parametrize("name", DAMAGES)
def test_every_newest_generation_is_damaged(name, job, database):
    """Index, job and checkpoint at once: the generations before them are used, and it is said."""
    daemon, sink = job
    daemon.start()
    change_a_row(database, daemon)
    assert daemon.stop() == 0
    for path in (daemon.folder / "state.yaml", folder_of(daemon) / "job.yaml",
                 folder_of(daemon) / "checkpoint.yaml"):
        damage(path, name)
    daemon.start()
    run = change_a_row(database, daemon)
    assert run["state"] == "succeeded" and run["run_seq"] >= 2, daemon.tail()
    assert run["rows_read"] <= 2, "a first copy"
    assert daemon.tail().count("the sound one of its two generations is used") >= 3
    daemon.sync("one")
    assert_equal(database.table_as_json("t"), sink.rows())
    assert daemon.stop() == 0


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_checkpoint_is_not_a_first_copy(name, job):
    daemon, sink = job
    for path in folder_of(daemon).glob("checkpoint.yaml*"):
        damage(path, name)
    daemon.start()
    wait_until(lambda: daemon.job("one")["last_error"], 20, daemon.tail())
    shown = daemon.job("one")
    for words in ("the checkpoint of job one", "is damaged", "backup", "--full"):
        assert words in shown["last_error"], shown
    wait_until(lambda: daemon.job("one")["state"] == "failed", 20, daemon.tail())
    assert len(sink.manifests()) == 1
    answer = daemon.call("POST", "/v1/jobs/one/runs", json={"type": "full"})
    assert daemon.wait_for_run(answer.json()["id"])["rows_written"] == 50
    assert daemon.job("one")["last_error"] is None


@pytest.mark.parametrize("name", DAMAGES)
@pytest.mark.parametrize("which", ["index", "job"])
def test_nothing_begins_with_damaged_files(which, name, job):
    daemon, sink = job
    file = daemon.folder / "state.yaml" if which == "index" else folder_of(daemon) / "job.yaml"
    kept = daemon.folder / "kept"
    shutil.copytree(folder_of(daemon), kept)
    for path in (file, file.with_name(file.name + ".previous")):
        if path.exists():
            damage(path, name)
    answer = command("serve", "--config", daemon.config, seconds=30)
    assert answer.returncode == 2, answer.stderr
    for words in (str(file), "is damaged", "backup", "remove it"):
        assert words in answer.stderr, answer.stderr
    # What it says to do.
    for path in (file, file.with_name(file.name + ".previous")):
        path.unlink(missing_ok=True)
    daemon.start()
    run = daemon.sync("one")
    assert (run["state"], run["rows_read"]) == ("succeeded", 0)
    assert run["run_seq"] >= 2
    assert len(sink.rows()) == 50


def test_a_lost_folder_is_not_a_first_copy(job):
    daemon, sink = job
    shutil.rmtree(folder_of(daemon))
    daemon.start()
    wait_until(lambda: daemon.job("one")["state"] == "failed", 20, daemon.tail())
    assert "is gone" in daemon.job("one")["last_error"]
    assert len(sink.manifests()) == 1


def test_a_full_disk(job, database, tmp_path):
    """On a file system of one MiB: the job stops and says why, and goes on when there is space."""
    daemon, sink = job
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)],
                             capture_output=True, text=True, check=False)
    assert mounted.returncode == 0, f"needs root to mount a tmpfs: {mounted.stderr}"
    try:
        for path in daemon.folder.glob("state.yaml*"):
            shutil.move(str(path), small / path.name)
        text = daemon.config.read_text(encoding="utf-8")
        daemon.config.write_text(text.replace(f"{daemon.folder}/state.yaml", f"{small}/state.yaml"),
                                 encoding="utf-8")
        daemon.start()
        assert change_a_row(database, daemon)["state"] == "succeeded"
        filler = small / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        database.execute("UPDATE t SET name = name || '?', updated_at = now() WHERE id = 8")
        answer = daemon.call("POST", "/v1/jobs/one/runs", json={"type": "sync"})
        assert answer.status_code >= 500 or answer.status_code == 202, answer.text
        wait_until(lambda: "No space left" in daemon.tail(), 20, daemon.tail())
        assert daemon.process.poll() is None, daemon.tail()
        filler.unlink()
        assert daemon.stop() == 0
        daemon.start()
        run = daemon.sync("one")
        assert run["state"] == "succeeded", run
        assert {row["name"] for row in sink.rows().values() if row["id"] == 8} == {"name 8?"}
        assert daemon.stop() == 0
    finally:
        daemon.kill()
        subprocess.run(["umount", str(small)], check=True)
