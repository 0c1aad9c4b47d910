"""Rows that were deleted for good leave the sink, where the application keeps their keys."""

import json

import pytest

from harness.compare import assert_equal
from harness.environment import command

TABLE = """
CREATE TABLE item (id bigint PRIMARY KEY, value text, updated_at timestamptz NOT NULL);
CREATE INDEX ON item (updated_at, id);
CREATE TABLE item_gone (item_id bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());
INSERT INTO item SELECT n, 'first', '2020-01-01' FROM generate_series(1, 2000) n;
INSERT INTO item_gone SELECT n FROM generate_series(1, 2000) n;
"""
BURY = """WITH gone AS (DELETE FROM item WHERE id % 2 = 0 RETURNING id)
INSERT INTO item_gone SELECT id FROM gone"""
TOMBSTONES = "tombstones: {table: public.item_gone, key: item_id, deleted_at: at}"


def job(sink, source=TOMBSTONES):
    return ("  items:\n"
            f"    source: {{connection: shop, table: item, cursor: updated_at, {source}}}\n"
            f"    sink: {sink}\n"
            "    schedule: {fetch_delay: 1h}\n"
            "    batch: {rows: 100}\n")


@pytest.fixture
def shop(database):
    database.execute(TABLE)
    return f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n"


@pytest.fixture(params=["elasticsearch", "file"])
def copied(request, database, shop, make_sink, make_daemon):
    sink = make_sink(request.param)
    daemon = make_daemon(shop + sink.connection(), job(sink.sink()))
    daemon.start()
    daemon.sync("items")
    assert len(sink.rows()) == 2000
    return daemon, sink


def test_remove_rows(copied, database):
    daemon, sink = copied
    database.execute(BURY)
    database.execute("INSERT INTO item VALUES (10, 'again', '2020-01-01')")
    run = daemon.sync("items")
    assert (run["state"], run["rows_deleted"], run["rows_written"]) == ("succeeded", 999, 1)
    assert_equal(database.table_as_json("item"), sink.rows())
    assert daemon.sync("items")["rows_read"] == 0


@pytest.mark.parametrize("point", ["deliver.written=kill@3", "commit.saved=kill"])
def test_are_not_lost_by_a_kill(copied, database, point):
    daemon, sink = copied
    assert daemon.stop() == 0
    database.execute(BURY)
    daemon.start(failpoint=point)
    assert daemon.wait_for_death(30), daemon.tail()
    daemon.start()
    daemon.sync("items")
    assert_equal(database.table_as_json("item"), sink.rows())


@pytest.fixture
def judge(shop, tmp_path):
    """What `check` and `plan` say of a job into a folder."""
    def run(verb, tombstones=TOMBSTONES, sink="{connection: disk, change_columns: true}"):
        path = tmp_path / "rowferry.yaml"
        path.write_text(f"daemon: {{state: {{store: sqlite, path: {tmp_path}/state.db}}}}\n"
                        f"connections:\n{shop}"
                        f"  disk: {{type: file, path: {tmp_path}}}\njobs:\n"
                        f"{job(sink, tombstones)}", encoding="utf-8")
        return command(verb, "--config", path, *(["--json"] if verb == "plan" else []))
    return run


def test_check_and_plan_tell_of_them(judge, database):
    said = judge("check")
    assert said.returncode == 0, said.stdout + said.stderr
    text = said.stdout + said.stderr
    assert "source.tombstones: no index on (at, item_id)" in text
    assert 'ON "public"."item_gone" (' in text
    database.execute("CREATE INDEX ON item_gone (at, item_id)")
    planned = judge("plan")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert "source.tombstones: an index on (at, item_id)" in planned.stdout
    titles = [one["title"] for one in json.loads(planned.stdout)["jobs"][0]["statements"]]
    assert "tombstones: page" in titles


@pytest.mark.parametrize("wrong,said", [
    ("tombstones: {table: nowhere, key: item_id, deleted_at: at}", "nowhere"),
    ("tombstones: {table: item_gone, deleted_at: at}", "item_gone has no column id"),
    ("tombstones: {table: item_gone, key: item_id, deleted_at: then}", "has no column then"),
    ("tombstones: {table: item_gone, key: item_id, deleted_at: item_id}", "is bigint"),
    ("tombstones: {table: item_gone, key: at, deleted_at: at}", "they must be of one type"),
])
def test_that_cannot_be_read_are_told(judge, wrong, said):
    for verb in ("check", "plan"):
        done = judge(verb, wrong)
        assert done.returncode in (2, 3), done.stdout + done.stderr
        assert "source.tombstones: " in done.stdout + done.stderr
        assert said in done.stdout + done.stderr


def test_need_a_change_log_in_a_folder(judge):
    done = judge("check", sink="{connection: disk}")
    assert done.returncode == 2
    assert "change_columns: must be true" in done.stdout + done.stderr
