"""`rowferry check` and `rowferry run`: exit statuses, output, and what they say of bad input."""

import json
import subprocess

import psycopg2
import pytest

from harness.environment import binary


def command(*words, **options):
    return subprocess.run([binary(), *map(str, words)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, check=False, **options)


@pytest.fixture
def write_config(database, tmp_path):
    """Writes a configuration with one job `one` from table t to files, parts replaceable."""
    def write(source="table: t, cursor: updated_at", sink=None, dsn=None, connections="", job=""):
        path = tmp_path / "rowferry.yaml"
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        sink = sink or ("connection: disk, format: ndjson, change_columns: true, "
                        "key: \"{job}/{run_seq:06}-{part:04}.ndjson\"")
        path.write_text(
            f"daemon:\n  state: {{store: sqlite, path: {tmp_path}/state.db}}\n"
            "connections:\n"
            f"  shop: {{type: postgres, dsn: \"{dsn or database.dsn}\"}}\n"
            f"  disk: {{type: file, path: {out}}}\n{connections}"
            "jobs:\n  one:\n"
            f"    source: {{connection: shop, {source}}}\n"
            f"    sink: {{{sink}}}\n"
            f"    schedule: manual\n{job}", encoding="utf-8")
        return path
    return write


def fill(database, count=10):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, name text, "
                     "updated_at timestamptz NOT NULL DEFAULT now())")
    database.execute("INSERT INTO t SELECT n, 'name ' || n FROM generate_series(1, %s) n", (count,))


def test_version_and_help():
    assert command("--version").stdout.startswith("rowferry ")
    assert command("help").returncode == 0 and "serve" in command("help").stdout
    assert "--offline" in command("help", "check").stdout
    assert command().returncode == 2
    assert command("fly").returncode == 2
    later = command("validate", "--config", "x")
    assert later.returncode == 2 and "not built yet" in later.stderr


def test_run_copies_and_prints_the_run(database, write_config, tmp_path):
    fill(database)
    path = write_config()
    done = command("run", "--config", path, "one", "--json")
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    assert (run["state"], run["rows_read"], run["rows_written"]) == ("succeeded", 10, 10)
    again = json.loads(command("run", "--config", path, "one", "--json").stdout)
    assert (again["rows_read"], again["run_seq"]) == (0, 2)
    full = json.loads(command("run", "--config", path, "one", "--json", "--full").stdout)
    assert (full["rows_read"], full["type"]) == (10, "full")


def test_unknown_job(database, write_config):
    fill(database)
    answer = command("run", "--config", write_config(), "two")
    assert answer.returncode == 2 and "two" in answer.stderr and "one" in answer.stderr


def test_check_offline(write_config):
    assert command("check", "--config", write_config(), "--offline").returncode == 0
    answer = command("check", "--config", write_config(source="table: t, curser: updated_at"),
                     "--offline")
    assert answer.returncode == 2
    for word in ("curser", "cursor", "rowferry.yaml:"):
        assert word in answer.stderr


def test_example_configuration_is_right():
    from harness.environment import TREE
    answer = command("check", "--offline", "--config", TREE / "config.example.yaml")
    assert answer.returncode == 0, answer.stderr


GIVE_UP = "    retry: {initial_delay: 50ms, give_up_after: 1s}\n"


def failed_run(path):
    answer = command("run", "--config", path, "one")
    assert answer.returncode in (1, 3), answer.stderr
    return answer.stderr


def test_missing_table_and_column(database, write_config):
    assert "nothere" in failed_run(write_config(source="table: nothere, cursor: updated_at",
                                                job=GIVE_UP))
    fill(database)
    assert "stamp" in failed_run(write_config(source="table: t, cursor: stamp", job=GIVE_UP))


def test_no_key(database, write_config):
    database.execute("CREATE TABLE t (id int, updated_at timestamptz DEFAULT now())")
    assert "key" in failed_run(write_config(job=GIVE_UP))


def test_wrong_password_and_missing_privilege(database, write_config):
    from harness.environment import required
    tcp = required("ROWFERRY_TEST_POSTGRES_TCP")
    fill(database)
    words = [word for word in tcp.split() if not word.startswith(("dbname", "password", "user"))]
    role = f"reader_{database.name}"
    database.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'right'")
    try:
        base = " ".join(words + [f"dbname={database.name}", f"user={role}"])
        answer = command("run", "--config", write_config(dsn=base + " password=wrong-one",
                                                         job=GIVE_UP), "one")
        assert answer.returncode == 3
        assert "password" in answer.stderr and "wrong-one" not in answer.stderr
        answer = command("run", "--config", write_config(dsn=base + " password=right", job=GIVE_UP),
                         "one")
        assert answer.returncode == 3
        assert "permission denied" in answer.stderr
    finally:
        database.execute(f"DROP ROLE {role}")


def test_unreachable_server(write_config):
    answer = command("run", "--config", write_config(
        dsn="host=127.0.0.1 port=1 user=x dbname=x", job=GIVE_UP), "one")
    assert answer.returncode == 3 and "127.0.0.1" in answer.stderr


def test_mapping_conflict_goes_to_the_dead_letters(database, write_config, make_index, tmp_path):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, number text, "
                     "updated_at timestamptz NOT NULL DEFAULT now())")
    database.execute("INSERT INTO t SELECT n, CASE WHEN n % 10 = 0 THEN 'odd' ELSE n::text END "
                     "FROM generate_series(1, 100) n")
    index = make_index()
    mapping = tmp_path / "index.json"
    mapping.write_text(json.dumps({"mappings": {"properties": {"number": {"type": "integer"}}}}),
                       encoding="utf-8")
    path = write_config(connections=index.connection(),
                        sink=f"connection: search, index: {index.name}, index_config: {mapping}")
    answer = command("run", "--config", path, "one", "--json")
    assert answer.returncode == 4, answer.stderr
    run = json.loads(answer.stdout)
    assert (run["rows_written"], run["rows_rejected"]) == (90, 10)
    assert len(index.rows()) == 90


def test_odd_values_arrive_as_the_contract_says(database, write_config, make_index):
    database.execute(
        "CREATE TABLE t (id int PRIMARY KEY, f float8, n numeric, d date, s timestamptz, x text,"
        " updated_at timestamptz NOT NULL DEFAULT now());"
        "INSERT INTO t VALUES"
        " (1, 'NaN', 'NaN', '0044-03-15 BC', 'infinity', E'\\x01\\u2028\"\\\\'),"
        " (2, '-Infinity', 1e-20, 'infinity', '0044-03-15 BC', '\U0001F600'),"
        " (3, 1e300, 12345678901234567890.123456789, '9999-12-31', '2024-02-29 12:00+02', '')")
    index = make_index()
    index.request("PUT", "", json={"mappings": {"dynamic": False}})
    path = write_config(connections=index.connection(),
                        sink=f"connection: search, index: {index.name}")
    assert command("run", "--config", path, "one").returncode == 0
    rows = index.rows()
    assert rows["1"]["f"] == "NaN" and rows["1"]["n"] == "NaN"
    assert rows["1"]["d"] == "0044-03-15 BC" and rows["1"]["s"] == "infinity"
    assert rows["1"]["x"] == "\x01\u2028\"\\"
    assert rows["2"]["f"] == "-Infinity" and rows["2"]["x"] == "\U0001F600"
    assert rows["3"]["s"] == "2024-02-29T10:00:00+00:00" and rows["3"]["x"] == ""
    raw = index.request("GET", "/_doc/3").text
    assert "12345678901234567890.123456789" in raw


def test_huge_row_is_a_dead_letter(database, write_config):
    fill(database, 20)
    database.execute("UPDATE t SET name = repeat('x', 100000000) WHERE id = 7")
    answer = command("run", "--config", write_config(), "one", "--json")
    assert answer.returncode == 4, answer.stderr
    run = json.loads(answer.stdout)
    assert (run["rows_written"], run["rows_rejected"]) == (19, 1)


def test_corrupt_state_is_said(database, write_config, tmp_path):
    fill(database)
    path = write_config()
    assert command("run", "--config", path, "one").returncode == 0
    state = tmp_path / "state.db"
    for leftover in tmp_path.glob("state.db-*"):
        leftover.unlink()
    state.write_bytes(b"this is no database" * 1000)
    answer = command("run", "--config", path, "one")
    assert answer.returncode in (1, 2, 3)
    assert "state.db" in answer.stderr


def test_second_daemon_on_the_same_state(database, write_config, make_daemon, make_sink):
    fill(database)
    sink = make_sink("file", job="one")
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        "  one:\n"
        "    source: {connection: shop, table: t, cursor: updated_at}\n"
        f"    sink: {sink.sink()}\n")
    daemon.start()
    text = daemon.config.read_text(encoding="utf-8").replace(f":{daemon.port}", ":0")
    second = daemon.folder / "second.yaml"
    second.write_text(text, encoding="utf-8")
    answer = command("serve", "--config", second)
    assert answer.returncode == 2 and "in use" in answer.stderr, answer.stderr


def test_text_that_is_no_utf8_is_a_dead_letter(database, write_config):
    """A SQL_ASCII database takes any bytes; a bad row stops nothing."""
    name = database.name + "_ascii"
    connection = database.connect()
    connection.autocommit = True
    try:
        connection.cursor().execute(
            f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' "
            "TEMPLATE template0")
        dsn = database.dsn.replace(f"dbname={database.name}", f"dbname={name}")
        other = psycopg2.connect(dsn)
        with other, other.cursor() as cursor:
            cursor.execute("CREATE TABLE t (id int PRIMARY KEY, name text, names text[], "
                           "updated_at timestamptz NOT NULL DEFAULT now())")
            cursor.execute(r"INSERT INTO t VALUES (1, 'good', '{good}'), (2, E'bad \xff', '{}'), "
                           r"(3, 'array', ARRAY[E'\xfe']), (4, 'also good', NULL)")
        other.close()
        done = command("run", "--config", write_config(dsn=dsn), "one", "--json")
        assert done.returncode == 4, done.stderr
        run = json.loads(done.stdout)
        assert (run["rows_written"], run["rows_rejected"]) == (2, 2)
    finally:
        connection.cursor().execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.close()
