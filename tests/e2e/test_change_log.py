"""The lines of a change log say which row they are about, whatever columns were asked for."""

import csv
import json

import pytest

from harness.environment import command


@pytest.fixture
def write_config(database, tmp_path):
    def write(source, sink):
        path = tmp_path / "rowferry.yaml"
        path.write_text(
            f"daemon: {{state: {{store: sqlite, path: {tmp_path}/state.db}}}}\n"
            "connections:\n"
            f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n"
            f"  disk: {{type: file, path: {tmp_path}/out}}\n"
            "jobs:\n"
            "  one:\n"
            f"    source: {{connection: shop, table: t, cursor: changed, {source}}}\n"
            f"    sink: {{connection: disk, change_columns: true, {sink}}}\n", encoding="utf-8")
        return path
    return write


@pytest.fixture
def table(database):
    database.execute("CREATE TABLE t (a int, b text, v text, del boolean NOT NULL DEFAULT false, "
                     "changed timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (b, a));"
                     "INSERT INTO t VALUES (1, 'x', 'one'), (2, 'y', 'two')")
    return database


def run(path):
    done = command("run", "--config", path, "one")
    assert done.returncode == 0, done.stderr


def objects(tmp_path, ending):
    return [path.read_text(encoding="utf-8")
            for path in sorted((tmp_path / "out/one").glob(f"*/part-*.{ending}"))]


def test_ndjson(table, write_config, tmp_path):
    path = write_config("columns: [v], deleted: {column: del}", "format: ndjson")
    run(path)
    table.execute("UPDATE t SET del = true, changed = now() WHERE a = 2")
    run(path)
    first, second = ([json.loads(line) for line in text.splitlines()]
                     for text in objects(tmp_path, "ndjson"))
    assert [(row["a"], row["b"], row["v"], row["_op"]) for row in first] == [
        (1, "x", "one", "upsert"), (2, "y", "two", "upsert")]
    assert [(row["a"], row["b"], row["v"], row["_op"]) for row in second] == [
        (2, "y", None, "delete")]
    manifest = json.loads((tmp_path / "out/one/_manifest.json").read_text(encoding="utf-8"))
    assert [column["name"] for column in manifest["schema"]] == list(first[0])


def test_csv(table, write_config, tmp_path):
    run(write_config("columns: [v], deleted: {column: del}", "format: csv"))
    rows = list(csv.DictReader(objects(tmp_path, "csv")[0].splitlines()))
    assert [(row["a"], row["b"], row["v"]) for row in rows] == [("1", "x", "one"),
                                                               ("2", "y", "two")]


@pytest.mark.parametrize("name", ["_op", "_sequence"])
def test_a_column_of_the_same_name_is_refused(table, write_config, name):
    table.execute(f"ALTER TABLE t ADD COLUMN {name} text")
    path = write_config("read_order: auto", "format: ndjson")
    refused = command("run", "--config", path, "one")
    assert refused.returncode in (1, 2)
    assert f"table t has a column {name}, and change_columns" in refused.stderr
    run(write_config("columns: [v]", "format: ndjson"))
