"""`rowferry check` with servers: what it finds, and that what it advises mends it."""

import json
import re
import socket
import time

import pytest
import requests

from harness.environment import command, required
from harness.roles import Role

GOOD = """
CREATE TABLE t (id bigint PRIMARY KEY, name text, updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON t (updated_at, id);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION stamp();
INSERT INTO t SELECT n, 'name ' || n FROM generate_series(1, 100) n;
ANALYZE t;
"""


@pytest.fixture
def check(database, tmp_path):
    """Checks a configuration with one job; parts of it may be replaced."""
    def run(source="table: t, cursor: updated_at", sink=None, connection=None, dsn=None, jobs=None,
            connections=""):
        out = tmp_path / "out"
        connection = connection or f"  disk: {{type: file, path: {out}}}\n"
        sink = sink or "{connection: disk, change_columns: true}"
        jobs = jobs or f"  one: {{source: {{connection: shop, {source}}}, sink: {sink}}}\n"
        path = tmp_path / "rowferry.yaml"
        path.write_text(
            f"daemon: {{state: {{store: sqlite, path: {tmp_path}/state.db}}}}\n"
            "connections:\n"
            f"  shop: {{type: postgres, dsn: \"{dsn or database.dsn}\"}}\n"
            f"{connection}{connections}jobs:\n{jobs}", encoding="utf-8")
        answer = command("check", "--config", path)
        assert "unexpected" not in answer.stderr, answer.stderr
        return answer
    return run


def facts(answer, word):
    """The texts of the facts of one kind, each with what mends it ('' when nothing is needed)."""
    found = []
    lines = answer.stdout.splitlines() + [""]
    for line, below in zip(lines, lines[1:]):
        match = re.match(r"(connection|job) \S+: (ok|warning|error) (.*)", line)
        # The health of the cluster is that of all its indices, also of other tests'.
        if match and match[2] == word and "health red" not in line:
            found.append((match[3], below.strip() if below.startswith("    ") else ""))
    return found


def mend(database, answer):
    """Carries out every statement that a check advises, as a person would with psql."""
    for _, remedy in facts(answer, "warning") + facts(answer, "error"):
        connection = database.connect()
        connection.autocommit = True
        with connection.cursor() as cursor:
            if "CONCURRENTLY" in remedy:
                for statement in filter(None, map(str.strip, remedy.split(";"))):
                    cursor.execute(statement)
            else:
                cursor.execute(remedy)
        connection.close()


@pytest.mark.parametrize("server", ["elasticsearch", "opensearch"])
def test_nothing_is_wrong(database, check, make_index, server):
    database.execute(GOOD)
    index = make_index(server)
    answer = check(connection=index.connection(), sink=index.sink())
    assert answer.returncode == 0, answer.stdout
    assert facts(answer, "warning") == facts(answer, "error") == []
    said = " / ".join(text for text, _ in facts(answer, "ok"))
    for word in ("PostgreSQL 15", "table t: 3 columns, about 100 rows", "key id: unique",
                 "late commits: exact", "an index on (updated_at, id)", "trigger stamp stamps",
                 "statement_timeout 10m", f"{index.name} will be created"):
        assert word in said, said
    assert ("Elasticsearch 8." if server == "elasticsearch" else "OpenSearch 2.") in said
    assert "2 connections, 1 job: no errors, " in answer.stdout
    assert index.request("GET", "").status_code == 404, "a check makes nothing"


TABLES = {
    "bare": "CREATE TABLE t (id int, updated_at timestamptz); INSERT INTO t VALUES (1, NULL)",
    "local time": "CREATE TABLE t (id int PRIMARY KEY, updated_at timestamp NOT NULL)",
    "date": "CREATE TABLE t (id int PRIMARY KEY, updated_at date)",
    "partitioned": """
        CREATE TABLE t (id int, updated_at timestamptz, PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
        CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
        CREATE INDEX ON t1 (updated_at, id)""",
    "quoted": """
        CREATE SCHEMA "Old Shop";
        CREATE TABLE "Old Shop"."Order" ("Id" int PRIMARY KEY, "Changed At" timestamptz)""",
    "trigger of some columns": """
        CREATE TABLE t (id int PRIMARY KEY, a int, updated_at timestamptz NOT NULL);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
        CREATE TRIGGER f BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f()""",
    "disabled trigger": """
        CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz NOT NULL);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
        CREATE TRIGGER f BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
        ALTER TABLE t DISABLE TRIGGER f""",
    "unlogged, not analyzed": """
        CREATE UNLOGGED TABLE t (id int PRIMARY KEY, updated_at timestamptz NOT NULL);
        INSERT INTO t SELECT n, now() FROM generate_series(1, 1000) n""",
    "index of no use": """
        CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz NOT NULL);
        CREATE INDEX ON t (updated_at, id) WHERE id > 5;
        CREATE INDEX ON t (updated_at DESC, id);
        CREATE INDEX ON t USING hash (updated_at);
        CREATE INDEX ON t (updated_at)""",
}


@pytest.mark.parametrize("name", TABLES)
def test_what_it_advises_mends_it(database, check, name):
    database.execute(TABLES[name])
    source = "table: t, cursor: updated_at, key: [id]"
    if name == "quoted":
        source = "table: '\"Old Shop\".\"Order\"', cursor: \"Changed At\""
    answer = check(source)
    assert answer.returncode == 0, answer.stdout
    warnings = facts(answer, "warning")
    assert len(warnings) >= 2 and all(remedy for _, remedy in warnings), answer.stdout
    mend(database, answer)
    assert facts(check(source), "warning") == []


def test_every_stamp_that_it_advises_stamps(database, check):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamp)")
    mend(database, check())
    database.execute("INSERT INTO t VALUES (1, '2020-01-01'); UPDATE t SET id = 2")
    assert database.value("SELECT updated_at > now() - interval '1 minute' FROM t")


def test_all_problems_at_once(database, check):
    database.execute(GOOD)
    jobs = "".join(
        f"  {name}: {{source: {{connection: shop, {source}}}, "
        "sink: {connection: disk, change_columns: true}}\n"
        for name, source in {
            "a": "table: tt, cursor: updated_at",
            "b": "table: t, cursor: updatd_at, columns: [id, nam], key: [di], "
                 "deleted: {column: gone}, where: \"nme = 'x'\"",
            "c": "query: 'SELECT * FORM t', key: [id], cursor: updated_at",
            "d": "table: t, cursor: name",
            "e": "table: nothere.t, cursor: updated_at",
        }.items())
    answer = check(jobs=jobs)
    assert answer.returncode == 2
    errors = dict(facts(answer, "error"))
    assert len(errors) == 9, answer.stdout
    advice = " / ".join(errors.values())
    for word in ("did you mean public.t?", "did you mean updated_at?", "did you mean name?",
                 "did you mean id?", "correct source.where", "correct source.query",
                 "correct source.deleted.column", "source.cursor"):
        assert word in advice, answer.stdout
    assert all(errors.values()), "each with what mends it"


def test_a_where_that_fails_is_never_carried_out(database, check):
    database.execute(GOOD)
    database.execute("CREATE FUNCTION explode(bigint) RETURNS boolean LANGUAGE plpgsql AS "
                     "$$ BEGIN RAISE 'carried out'; END $$")
    answer = check("table: t, cursor: updated_at, where: 'explode(id)'")
    assert answer.returncode == 0, answer.stdout
    assert facts(answer, "warning") == []


def test_privileges(database, check):
    database.execute(GOOD)
    with Role(database) as role:
        answer = check(dsn=role.dsn())
        assert answer.returncode == 3, answer.stdout
        errors = facts(answer, "error")
        assert [remedy for _, remedy in errors] == [
            f'GRANT SELECT ON "public"."t" TO "{role.name}";']
        role.grant("SELECT (id, name, updated_at) ON t")
        assert "transaction id" in facts(check(dsn=role.dsn()), "error")[0][0]
        mend(database, answer)
        answer = check(dsn=role.dsn())
        assert answer.returncode == 0, answer.stdout
        assert not facts(answer, "error"), answer.stdout
        assert facts(answer, "warning") == [], "GRANT pg_read_all_stats was among the advice"


def test_without_pg_read_all_stats_late_commits_are_by_overlap(database, check):
    database.execute(GOOD)
    with Role(database) as role:
        role.grant("SELECT ON t")
        answer = check(dsn=role.dsn())
        assert answer.returncode == 0
        (text, remedy), = facts(answer, "warning")
        assert "by overlap only" in text and "pg_read_all_stats" in text
        assert remedy == f'GRANT pg_read_all_stats TO "{role.name}";'


def test_a_schema_that_may_not_be_used(database, check):
    database.execute("CREATE SCHEMA inner_room; CREATE TABLE inner_room.t (id int PRIMARY KEY)")
    with Role(database) as role:
        answer = check("table: inner_room.t", dsn=role.dsn())
        assert answer.returncode == 3
        (text, remedy), = facts(answer, "error")
        assert "inner_room" in text and "grant" in remedy


def test_hidden_rows(database, check):
    database.execute(GOOD + "ALTER TABLE t ENABLE ROW LEVEL SECURITY;")
    with Role(database) as role:
        role.grant("SELECT ON t")
        role.grant("pg_read_all_stats")
        answer = check(dsn=role.dsn())
        (text, remedy), = facts(answer, "warning")
        assert "row level security" in text and "BYPASSRLS" in remedy


def test_servers_that_refuse(database, check):
    database.execute(GOOD)
    with Role(database) as role:
        answer = check(dsn=role.dsn(password="wrong-one"))
        assert answer.returncode == 3
        assert "wrong-one" not in answer.stdout + answer.stderr
        errors = facts(answer, "error")
        assert "password authentication failed" in errors[0][0] and "password" in errors[0][1]
        assert errors[1] == ("source not examined: connection shop cannot be used",
                             "mend connection shop")
        assert "disk: ok" in answer.stdout, "the others are examined all the same"


def test_a_pooler_is_refused(database, check):
    database.execute(GOOD)
    pooler = required("ROWFERRY_TEST_PGBOUNCER") + " dbname=transaction"
    answer = check(dsn=pooler)
    assert answer.returncode == 2, answer.stdout
    text, remedy = facts(answer, "error")[0]
    assert "pooler" in text and "session" in remedy


def test_connections_are_asked_side_by_side(check):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(16)
        port = silent.getsockname()[1]
        dsn = f"host=127.0.0.1 port={port} user=x dbname=x connect_timeout=2"
        more = "".join(f"  shop{n}: {{type: postgres, dsn: \"{dsn}\"}}\n" for n in range(5))
        begin = time.monotonic()
        answer = check(dsn=dsn, connections=more)
        assert answer.returncode == 3
        assert answer.stdout.count("no answer from") == 6
        assert time.monotonic() - begin < 6, "one after the other takes 12 s"


def test_a_view_and_a_query(database, check):
    database.execute(GOOD + "CREATE VIEW v AS SELECT * FROM t;")
    for source in ("table: v, key: [id], cursor: updated_at",
                   "query: 'SELECT * FROM t', key: [id], cursor: updated_at"):
        answer = check(source)
        assert answer.returncode == 0, answer.stdout
        (text, _), = facts(answer, "warning")
        assert "by overlap only" in text
    assert check("table: v").returncode == 0
    assert check("table: v, cursor: updated_at").returncode == 2


INDICES = {
    "short memory": ({"settings": {"index.gc_deletes": "5s"}}, 2),
    "server's default": ({}, 0),
    "blocked": ({"settings": {"index.blocks.write": True}}, 3),
    "careless": ({"settings": {"index.translog.durability": "async"}}, 0),
    "closed": ({}, 2),
}


@pytest.mark.parametrize("server", ["elasticsearch", "opensearch"])
@pytest.mark.parametrize("name", INDICES)
def test_what_it_advises_mends_an_index(database, check, make_index, server, name):
    database.execute(GOOD)
    index = make_index(server)
    body, status = INDICES[name]
    index.request("PUT", "", json=body)
    if name == "closed":
        index.request("POST", "/_close")
    answer = check(connection=index.connection(), sink=index.sink())
    assert answer.returncode == status, answer.stdout
    for _, remedy in facts(answer, "error") + facts(answer, "warning"):
        method, path, *rest = remedy.split(" ", 2)
        requests.request(method, index.url + path, timeout=60,
                         json=json.loads(rest[0]) if rest else None).raise_for_status()
    answer = check(connection=index.connection(), sink=index.sink())
    assert answer.returncode == 0 and facts(answer, "warning") == [], answer.stdout


@pytest.mark.parametrize("server", ["elasticsearch", "opensearch"])
def test_targets_that_cannot_be(database, check, make_index, server, tmp_path):
    database.execute(GOOD)
    index = make_index(server)
    wrong = tmp_path / "index.json"
    wrong.write_text('{"mappings": {"properties": {"id": {"type": "lnog"}}}}', encoding="utf-8")
    answer = check(connection=index.connection(), sink=index.sink(f", index_config: {wrong}"))
    assert answer.returncode == 2 and "lnog" in facts(answer, "error")[0][0], answer.stdout
    answer = check(connection=index.connection(),
                   sink=index.sink(", create: false, pipeline: none-such, id: '{nope}'"))
    texts = [text for text, _ in facts(answer, "error")]
    assert answer.returncode == 2 and len(texts) == 3, answer.stdout
    assert index.request("GET", "").status_code == 404
    index.request("PUT", "", json={"mappings": {"dynamic": "strict",
                                                "properties": {"id": {"type": "long"}}}})
    answer = check(connection=index.connection(), sink=index.sink())
    assert answer.returncode == 2 and "name, updated_at" in answer.stdout, answer.stdout


@pytest.mark.parametrize("server", ["elasticsearch", "opensearch"])
def test_an_alias_needs_a_write_index(database, check, make_index, server):
    database.execute(GOOD)
    first, second = make_index(server), make_index(server)
    alias = f"alias-{first.name}"
    for index in (first, second):
        index.request("PUT", "", json={"settings": {"index.gc_deletes": "1h"},
                                       "aliases": {alias: {}}})
    sink = f"{{connection: search, index: {alias}}}"
    answer = check(connection=first.connection(), sink=sink)
    (text, remedy), = facts(answer, "error")
    assert answer.returncode == 2 and "none of which takes its writes" in text
    method, path, body = remedy.split(" ", 2)
    requests.request(method, first.url + path, json=json.loads(body),
                     timeout=60).raise_for_status()
    assert check(connection=first.connection(), sink=sink).returncode == 0


def test_a_folder_that_cannot_be(database, check, tmp_path):
    database.execute(GOOD)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    answer = check(connection=f"  disk: {{type: file, path: {tmp_path}/file/out}}\n")
    assert answer.returncode == 2 and "is no folder" in answer.stdout
    answer = check(sink="{connection: disk, change_columns: true, "
                        "key: '{job}/{column:nope}/{run_seq:06}-{part:04}.ndjson'}")
    assert answer.returncode == 2 and "nope" in answer.stdout
    assert not (tmp_path / "out").exists(), "a check makes nothing"
