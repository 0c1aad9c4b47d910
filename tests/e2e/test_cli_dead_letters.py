"""`rowferry dead-letters` against a running daemon."""

import json

import pytest

from harness.environment import command


@pytest.fixture
def daemon(database, make_daemon, tmp_path):
    """A daemon whose job `one` has two dead letters: rows 2 and 3 are too large."""
    database.execute("CREATE TABLE t (id int PRIMARY KEY, name text, "
                     "updated_at timestamptz DEFAULT now());"
                     "INSERT INTO t VALUES (1, 'short'), (2, repeat('x', 5000)), "
                     "(3, repeat('y', 6000))")
    made = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n"
        f"  disk: {{type: file, path: {tmp_path}/out}}\n",
        "  one:\n"
        "    source: {connection: shop, table: t, cursor: updated_at, row_bytes_max: 1KiB}\n"
        "    sink: {connection: disk}\n"
        "    schedule: manual\n")
    made.start()
    assert made.sync("one")["rows_rejected"] == 2
    return made


def cli(daemon, *words):
    return command("dead-letters", *words, "--api", daemon.url(""))


def letters(daemon):
    return daemon.get("/v1/jobs/one/dead-letters")["items"]


def test_list(daemon):
    shown = cli(daemon, "list", "one")
    assert shown.returncode == 0 and shown.stderr == ""
    lines = shown.stdout.splitlines()
    assert lines[0].split() == ["ID", "TIME", "RUN", "TRIES", "KEY"] and len(lines) == 5
    assert '{"id":3}' in shown.stdout and '{"id":2}' in shown.stdout
    assert all(line.startswith("  ") for line in (lines[2], lines[4]))
    assert letters(daemon)[0]["reason"][:40] in lines[2]


def test_list_as_json_is_the_apis(daemon):
    assert json.loads(cli(daemon, "list", "one", "--json").stdout)["items"] == letters(daemon)
    first = cli(daemon, "list", "one", "--limit", "1")
    assert len(first.stdout.splitlines()) == 3 and "--limit" in first.stderr
    reason = letters(daemon)[0]["reason"]
    of_reason = json.loads(cli(daemon, "list", "one", "--json", "--reason", reason).stdout)
    assert of_reason["items"] and all(item["reason"] == reason for item in of_reason["items"])
    none = cli(daemon, "list", "one", "--reason", "no such & reason?")
    assert none.returncode == 0 and none.stdout == "no dead letters\n"


def test_wrong_calls(daemon):
    assert cli(daemon, "list", "none").returncode == 2
    assert cli(daemon, "list").returncode == 2
    assert cli(daemon, "list", "one", "--limit", "0").returncode == 2
    assert cli(daemon, "replay", "none").returncode == 2
    assert cli(daemon, "drop", "none").returncode == 2


def test_replay_sends_what_can_be_taken_now(database, daemon):
    database.execute("UPDATE t SET name = 'short now', updated_at = updated_at WHERE id = 2")
    replayed = cli(daemon, "replay", "one", "--wait", "--json")
    assert replayed.returncode in (0, 4), replayed.stderr
    assert json.loads(replayed.stdout)["state"] == "succeeded"
    assert [letter["key"] for letter in letters(daemon)] == [{"id": 3}]


def test_drop(daemon):
    keep, drop = letters(daemon)
    dropped = cli(daemon, "drop", "one", "--reason", drop["reason"])
    assert dropped.returncode == 0 and dropped.stderr == "one: 1 dead letter dropped\n"
    assert [letter["id"] for letter in letters(daemon)] == [keep["id"]]
    as_json = cli(daemon, "drop", "one", "--json")
    assert as_json.returncode == 0 and json.loads(as_json.stdout) == {"dropped": 1}
    assert letters(daemon) == []
