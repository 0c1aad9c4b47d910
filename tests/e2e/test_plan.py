"""`rowferry plan`: what it shows is what a run does, and it writes nothing anywhere."""

import json
import pathlib

import pytest

from harness.environment import command
from harness.roles import Role

FILMS = """
CREATE SCHEMA content;
CREATE TYPE content.mood AS ENUM ('sad', 'happy');
CREATE DOMAIN content.score AS numeric(3, 1) CHECK (VALUE >= 0);
CREATE TABLE content.film (
  id bigint PRIMARY KEY, title text NOT NULL, rating content.score, mood content.mood, ip inet,
  tags text[], document jsonb, premiere date, secret text,
  updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON content.film (updated_at, id);
INSERT INTO content.film
  SELECT n, 'film ' || n, n % 10, 'happy', '10.0.0.1', ARRAY['a', NULL], '{"a": 1}', '2024-02-29',
         'x', now() - interval '1 day' FROM generate_series(1, 1000) n;
ANALYZE content.film;
"""


@pytest.fixture
def write_config(database, tmp_path):
    """Writes a configuration; `jobs` are lines of YAML."""
    def write(jobs, connection=None, dsn=None):
        folder = tmp_path / "config"
        folder.mkdir(exist_ok=True)
        connection = connection or f"  disk: {{type: file, path: {tmp_path}/out}}\n"
        path = folder / "rowferry.yaml"
        path.write_text(
            "daemon:\n"
            f"  state: {{store: sqlite, path: {tmp_path}/state/state.db}}\n"
            f"  log: {{file: {tmp_path}/log/rowferry.log}}\n"
            "connections:\n"
            f"  shop: {{type: postgres, dsn: \"{dsn or database.dsn}\"}}\n"
            f"{connection}jobs:\n{jobs}", encoding="utf-8")
        return path
    return write


def job(source="table: content.film, cursor: updated_at", sink="{connection: disk}", name="films"):
    if "disk" in sink and "cursor" in source:
        sink = sink.replace("disk", "disk, key: \"{job}/{run_seq:06}-{part:04}.ndjson\"")
    return f"  {name}: {{source: {{connection: shop, {source}}}, sink: {sink}}}\n"


def plan(path, *words):
    answer = command("plan", "--config", path, "--json", *words)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return json.loads(answer.stdout)


def only_job(path):
    jobs = plan(path)["jobs"]
    assert len(jobs) == 1
    return jobs[0]


@pytest.mark.parametrize("server", ["elasticsearch", "opensearch"])
def test_shows_everything(database, write_config, make_index, server):
    database.execute(FILMS)
    index = make_index(server)
    path = write_config(job(sink=index.sink()), connection=index.connection())
    answer = command("plan", "--config", path, "films")
    assert answer.returncode == 0, answer.stderr
    for word in ("job films", "rows  about 1,000", "Statement: copy chunk", "Statement: idle poll",
                 "Statement: page", "Tid Range Scan", "Index Scan using film_updated_at_id_idx",
                 "content.mood  ", "its text", f"index {index.name}", "gc_deletes",
                 "Sample rows", "Memory: at most", "no BEFORE UPDATE trigger", "CREATE TRIGGER"):
        assert word in answer.stdout, word
    assert index.request("GET", "").status_code == 404


@pytest.mark.parametrize("server", ["elasticsearch", "opensearch"])
def test_what_is_sent_is_what_it_shows(database, write_config, make_index, server):
    database.execute(FILMS)
    index = make_index(server)
    path = write_config(job("table: content.film, cursor: updated_at, columns: [title, rating, "
                            "mood, ip, tags, document, premiere]", index.sink()),
                        connection=index.connection())
    planned = only_job(path)
    created = json.loads(planned["creations"][0]["body"])
    assert command("run", "--config", path, "films").returncode == 0
    found = index.rows()
    assert len(planned["samples"]) == 3
    for sample in planned["samples"]:
        action, document = sample["sent"].splitlines()
        identity = json.loads(action)["index"]["_id"]
        assert found[identity] == json.loads(document)
        assert json.loads(sample["read"])["id"] == int(identity), "the key is read, and not sent"
    settings = index.request("GET", "/_settings?flat_settings=true").json()
    kept = settings[index.name]["settings"]
    assert created["settings"].items() <= kept.items()


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_objects_are_as_it_shows(database, write_config, tmp_path, form):
    database.execute(FILMS)
    path = write_config(job("table: content.film",
                            f"{{connection: disk, format: {form}}}"))
    planned = only_job(path)
    made = {creation["what"]: creation["body"] for creation in planned["creations"]}
    key = next(what.removeprefix("objects like ") for what in made if what.startswith("objects"))
    assert not (tmp_path / "out").exists()
    assert command("run", "--config", path, "films").returncode == 0
    lines = (tmp_path / "out" / key).read_text(encoding="utf-8").splitlines()
    if form == "csv":
        assert made[f"objects like {key}"].splitlines() == lines[:1]
    for sample in planned["samples"]:
        assert sample["sent"] in lines
    assert (tmp_path / "out" / "films" / "_manifest.json").exists()
    assert "manifest films/_manifest.json" in made


def tree(folder):
    return sorted(str(path) for path in pathlib.Path(folder).rglob("*"))


def test_writes_nothing_anywhere(database, write_config, make_index, tmp_path):
    database.execute(FILMS)
    index = make_index()
    with Role(database) as role:
        for what in ("USAGE ON SCHEMA content", "SELECT ON content.film", "pg_read_all_stats"):
            role.grant(what)
        database.execute(f"ALTER ROLE {role.name} SET default_transaction_read_only = on")
        path = write_config(job(sink=index.sink()) + job(name="more"), dsn=role.dsn(),
                            connection=index.connection()
                            + f"  disk: {{type: file, path: {tmp_path}/out}}\n")
        before = tree(tmp_path)
        for command_line in (["plan"], ["plan", "--json"], ["plan", "films"], ["check"]):
            answer = command(command_line[0], "--config", path, *command_line[1:])
            assert answer.returncode == 0, answer.stdout + answer.stderr
        assert tree(tmp_path) == before, "no state, no log, no folder"
    assert index.request("GET", "").status_code == 404


def test_reads_three_rows_only(database, write_config):
    database.execute(FILMS)
    database.execute("INSERT INTO content.film SELECT n, 'film', 1, 'sad', NULL, NULL, NULL, NULL "
                     "FROM generate_series(1001, 50000) n; ANALYZE content.film")
    counts = ("SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) "
              "FROM pg_stat_user_tables WHERE relname = 'film'")
    before = database.value(counts)
    planned = only_job(write_config(job()))
    assert planned["rows_expected"] == pytest.approx(50000, rel=0.1)
    assert database.value(counts) - before < 1000


def test_columns_and_their_forms(database, write_config):
    database.execute(FILMS)
    columns = {column["name"]: column for column in only_job(write_config(job(
        "table: content.film, cursor: updated_at, columns: [title, rating, mood, ip, tags]")))[
            "columns"]}
    assert columns["mood"]["as_text"] and columns["ip"]["as_text"]
    assert columns["ip"]["source_type"] == "inet" and columns["ip"]["sent_as"] == "string"
    assert columns["rating"]["source_type"] == "content.score"
    assert columns["rating"]["cell_type"] == "numeric(3,1)"
    assert columns["rating"]["sent_as"].startswith("number")
    assert columns["tags"]["sent_as"] == "array of string"
    assert columns["id"]["role"] == "key" and columns["id"]["sent_as"] is None
    assert columns["updated_at"]["role"] == "cursor" and columns["updated_at"]["sent_as"] is None
    assert "secret" not in columns


SOURCES = {
    "cursor": ("table: content.film, cursor: updated_at", ["copy chunk", "idle poll", "page"]),
    "overlap": ("table: content.film, cursor: updated_at, late_commits: overlap",
                ["copy chunk", "idle poll", "page"]),
    "off": ("table: content.film, cursor: updated_at, late_commits: 'off'",
            ["copy chunk", "idle poll", "page"]),
    "full": ("table: content.film", ["copy chunk"]),
    "key pages": ("table: content.film, read_order: key", ["copy chunk"]),
    "query": ("query: 'SELECT id, title FROM content.film', key: [id]", ["full copy"]),
    "where": ("table: content.film, cursor: updated_at, where: 'id < 5 -- few'",
              ["copy chunk", "idle poll", "page"]),
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_statement_is_explained(database, write_config, name):
    database.execute(FILMS)
    source, titles = SOURCES[name]
    planned = only_job(write_config(job(source)))
    assert [statement["title"] for statement in planned["statements"]] == titles
    for statement in planned["statements"]:
        assert "cost=" in statement["explain"], statement
        if statement["title"] != "idle poll":
            assert statement["sql"].startswith("COPY (")
    assert len(planned["samples"]) == 3
    if name == "where":
        assert planned["rows_expected"] < 20


def test_partitions(database, write_config):
    database.execute("""
        CREATE TABLE part (id int, updated_at timestamptz NOT NULL, PRIMARY KEY (id))
          PARTITION BY RANGE (id);
        CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (10);
        CREATE TABLE part2 PARTITION OF part FOR VALUES FROM (10) TO (20);
        INSERT INTO part SELECT n, now() FROM generate_series(1, 19) n; ANALYZE part""")
    planned = only_job(write_config(job("table: part, cursor: updated_at")))
    assert "2 partitions" in planned["reading"][0]
    assert "part1" in planned["statements"][0]["sql"]
    assert any("CREATE INDEX ON" in finding["remedy"] for finding in planned["findings"])


def test_memory_adds_up(database, write_config):
    database.execute(FILMS)
    planned = only_job(write_config(job()))["memory"]
    assert planned["bytes_max"] == sum(buffer["bytes_max"] for buffer in planned["buffers"])
    small = only_job(write_config(
        "  films: {source: {connection: shop, table: content.film}, sink: {connection: disk}, "
        "batch: {rows: 100, bytes: 64KiB}}\n"))["memory"]
    assert 64 << 20 < small["bytes_max"] < planned["bytes_max"]


def test_warnings_have_their_statements(database, write_config):
    database.execute("CREATE TABLE t (id int, updated_at timestamp)")
    path = write_config(job("table: t, cursor: updated_at, key: [id]"))
    remedies = " ".join(finding["remedy"] for finding in only_job(path)["findings"])
    for word in ("CREATE INDEX CONCURRENTLY", "CREATE UNIQUE INDEX CONCURRENTLY", "SET NOT NULL",
                 "CREATE OR REPLACE FUNCTION", "CREATE TRIGGER", "TYPE timestamptz"):
        assert word in remedies
    assert "26 hours" in command("plan", "--config", path).stdout


def test_one_job_or_all(database, write_config):
    database.execute(FILMS)
    path = write_config(job() + job(name="more"))
    assert [each["name"] for each in plan(path)["jobs"]] == ["films", "more"]
    assert [each["name"] for each in plan(path, "more")["jobs"]] == ["more"]
    answer = command("plan", "--config", path, "none")
    assert answer.returncode == 2 and "films, more" in answer.stderr


def test_it_ends_as_check_does(database, write_config):
    database.execute(FILMS)
    answer = command("plan", "--config", write_config(job("table: nothere")))
    assert answer.returncode == 2 and "nothere" in answer.stdout
    answer = command("plan", "--config", write_config(
        job(), dsn="host=127.0.0.1 port=1 user=x dbname=x"))
    assert answer.returncode == 3 and "Connection refused" in answer.stdout


def test_secrets_are_removed(database, write_config):
    database.execute(FILMS)
    with Role(database, password="hush-hush") as role:
        role.grant("USAGE ON SCHEMA content")
        role.grant("SELECT ON content.film")
        database.execute("UPDATE content.film SET title = 'hush-hush'")
        answer = command("plan", "--config", write_config(job(), dsn=role.dsn()))
        assert answer.returncode == 0
        assert "hush-hush" not in answer.stdout + answer.stderr
