"""Rows that a sink cannot take: held in the dead letters with the reason, the rest arrives."""

import json
import os
import subprocess

import pytest

from harness import environment
from harness.database import Database
from harness.environment import command, wait_until

MIB = 1 << 20
HUGE = 100_000_000


@pytest.fixture
def make_job(database, make_sink, make_daemon, tmp_path):
    """Makes a daemon (not started) with one job `one` from table t, and its sink."""
    def make(sink="file", more="", limits="", mapping=None, source="", dsn=None):
        target = make_sink(sink, job="one") if isinstance(sink, str) else sink
        if mapping:
            path = tmp_path / "index.json"
            path.write_text(json.dumps({"mappings": {"properties": mapping}}), encoding="utf-8")
            more += f", index_config: {path}"
        daemon = make_daemon(
            f"  shop: {{type: postgres, dsn: \"{dsn or database.dsn}\"}}\n" + target.connection(),
            f"  one:\n    source: {{connection: shop, table: t, cursor: updated_at{source}}}\n"
            f"    sink: {target.sink(more)}\n    schedule: {{fetch_delay: 100ms}}\n"
            "    retry: {initial_delay: 50ms, max_delay: 500ms}\n" + limits)
        return daemon, target
    return make


def run_once(daemon):
    """Exit status, the run and peak memory in bytes of `rowferry run`."""
    process = subprocess.Popen(
        [environment.binary(), "run", "--config", str(daemon.config), "one", "--json"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    output = process.stdout.read()
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert output, said
    return process.returncode, json.loads(output), usage.ru_maxrss * 1024


def letters(daemon):
    """The dead letters by the job's key; the daemon is started when it is not."""
    if daemon.process is None:
        daemon.start()
    found = daemon.get("/v1/jobs/one/dead-letters?limit=1000")["items"]
    return {letter["key"]["id"]: letter for letter in found}


def fill(database, rows, columns="number text"):
    database.execute(f"CREATE TABLE t (id int PRIMARY KEY, {columns}, "
                     "updated_at timestamptz NOT NULL DEFAULT now())")
    database.execute(f"INSERT INTO t {rows}")


@pytest.mark.parametrize("name", ["elasticsearch", "opensearch"])
def test_a_mapping_conflict(name, database, make_job):
    fill(database, "SELECT n, CASE WHEN n % 10 = 0 THEN 'odd' ELSE n::text END "
                   "FROM generate_series(1, 100) n")
    daemon, sink = make_job(name, mapping={"number": {"type": "integer"}})
    status, run, _ = run_once(daemon)
    assert status == 4
    assert (run["rows_read"], run["rows_written"], run["rows_rejected"]) == (100, 90, 10)
    assert set(sink.rows()) == {str(n) for n in range(1, 101) if n % 10}
    found = letters(daemon)
    assert set(found) == set(range(10, 101, 10))
    for key, letter in found.items():
        assert "number" in letter["reason"] and "integer" in letter["reason"], letter
        assert letter["row"]["id"] == key and letter["row"]["number"] == "odd"
        assert letter["run"] == run["id"]
    some = daemon.get("/v1/jobs/one/dead-letters?limit=3")["items"]
    assert len(some) == 3
    assert daemon.metric("rowferry_dead_letters", job="one") == 10
    assert daemon.metric("rowferry_rows_rejected_total", job="one") == 10
    # A row that is put right is delivered, and its letter goes.
    database.execute("UPDATE t SET number = '10', updated_at = now() WHERE id = 10")
    wait_until(lambda: "10" in sink.rows() and 10 not in letters(daemon), 20, daemon.tail())


def test_full_dead_letters_stop_the_job_and_drop_nothing(database, make_job):
    fill(database, "SELECT n, CASE WHEN n > 50 THEN 'odd' ELSE n::text END "
                   "FROM generate_series(1, 100) n")
    daemon, sink = make_job("elasticsearch", mapping={"number": {"type": "integer"}},
                            limits="    batch: {rows: 20}\n    dead_letters: {max_rows: 15}\n")
    daemon.start()
    wait_until(lambda: daemon.job("one")["state"] == "failed", 20, daemon.tail())
    error = daemon.job("one")["last_error"]
    for words in ("dead letters of job one are full", "nothing was dropped", "resume the job",
                  "number"):
        assert words in error, error
    assert daemon.metric("rowferry_job_state", job="one", state="failed") == 1
    held = letters(daemon)
    assert 0 < len(held) <= 15
    assert daemon.get("/v1/runs?job=one")["items"][0]["state"] == "failed"
    # Still so after a restart, and the rows come when the cause is mended.
    assert daemon.stop() == 0
    daemon.start()
    wait_until(lambda: daemon.job("one")["state"] == "failed", 20, daemon.tail())
    database.execute("UPDATE t SET number = id::text, updated_at = now()")
    assert daemon.sync("one")["state"] == "succeeded"
    wait_until(lambda: len(sink.rows()) == 100 and not letters(daemon), 20, daemon.tail())


def test_full_dead_letters_by_bytes(database, make_job):
    fill(database, "SELECT n, repeat('odd', 10000) FROM generate_series(1, 10) n")
    daemon, _ = make_job("elasticsearch", mapping={"number": {"type": "integer"}},
                         limits="    dead_letters: {max_bytes: 100KiB}\n")
    answer = command("run", "--config", daemon.config, "one")
    assert answer.returncode == 1
    assert "dead letters of job one are full" in answer.stderr and "102400" in answer.stderr


@pytest.mark.parametrize("name", ["elasticsearch", "file"])
def test_a_huge_row_is_a_dead_letter(name, database, make_job):
    fill(database, f"SELECT n, CASE n WHEN 7 THEN repeat('x', {HUGE}) ELSE 'small' END "
                   "FROM generate_series(1, 20) n")
    daemon, sink = make_job(name)
    status, run, peak = run_once(daemon)
    assert status == 4
    assert (run["rows_read"], run["rows_written"], run["rows_rejected"]) == (20, 19, 1)
    assert peak < 64 * MIB + 3 * HUGE, f"{peak / MIB:.0f} MiB"
    assert set(sink.rows()) == {str(n) for n in range(1, 21) if n != 7}
    letter = letters(daemon)[7]
    assert "more than source.row_bytes_max (16777216)" in letter["reason"]
    assert letter["row"]["id"] == 7
    # The same as a change, and the row as it is when it is small again.
    database.execute("UPDATE t SET number = number || 'x', updated_at = now() WHERE id IN (7, 8)")
    wait_until(lambda: sink.rows()["8"]["number"] == "smallx", 60, daemon.tail())
    assert daemon.memory_peak_kib() * 1024 < 64 * MIB + 3 * HUGE
    database.execute("UPDATE t SET number = 'small', updated_at = now() WHERE id = 7")
    wait_until(lambda: sink.rows().get("7", {}).get("number") == "small", 20, daemon.tail())
    wait_until(lambda: not letters(daemon), 10, "no letter any more")


def test_a_huge_row_that_is_allowed_arrives_in_a_file(database, make_job):
    fill(database, f"SELECT n, CASE n WHEN 7 THEN repeat('x', {HUGE}) ELSE 'small' END "
                   "FROM generate_series(1, 20) n")
    daemon, sink = make_job(source=", row_bytes_max: 256MiB")
    status, run, peak = run_once(daemon)
    assert status == 0
    assert run["rows_written"] == 20
    assert sink.rows()["7"]["number"] == "x" * HUGE
    assert peak < 64 * MIB + 3 * HUGE, f"{peak / MIB:.0f} MiB"


def test_a_huge_row_that_the_search_server_refuses(database, make_job):
    """Elasticsearch takes bodies of at most 100 MiB; only the row that is larger is refused."""
    fill(database, "SELECT n, CASE n WHEN 7 THEN repeat('x', 110000000) ELSE 'small' END "
                   "FROM generate_series(1, 20) n")
    daemon, sink = make_job("elasticsearch", ", compression: none",
                            source=", row_bytes_max: 256MiB")
    status, run, peak = run_once(daemon)
    assert status == 4
    assert (run["rows_written"], run["rows_rejected"]) == (19, 1)
    assert peak < 64 * MIB + 3 * 110_000_000, f"{peak / MIB:.0f} MiB"
    assert len(sink.rows()) == 19
    assert "413" in letters(daemon)[7]["reason"], letters(daemon)[7]["reason"]


class AsciiDatabase(Database):
    """A database that takes any bytes for text."""

    def _admin(self, sql):
        if sql.startswith("CREATE"):
            sql += " ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        super()._admin(sql)


@pytest.fixture
def ascii_database():
    made = AsciiDatabase()
    yield made
    made.drop()


@pytest.mark.parametrize("name", ["elasticsearch", "file"])
def test_text_that_is_no_utf8(name, ascii_database, make_job):
    fill(ascii_database, r"VALUES (1, 'good'), (2, E'bad \xff'), (3, E'\xc3\xa9'), "
                         r"(4, E'cut \xe2\x82')")
    daemon, sink = make_job(name, dsn=ascii_database.dsn)
    status, run, _ = run_once(daemon)
    assert status == 4
    assert (run["rows_written"], run["rows_rejected"]) == (2, 2)
    assert set(sink.rows()) == {"1", "3"} and sink.rows()["3"]["number"] == "\u00e9"
    found = letters(daemon)
    assert set(found) == {2, 4}
    assert all("not UTF-8" in letter["reason"] for letter in found.values()), found
    # As changes, too.
    ascii_database.execute(r"UPDATE t SET number = number || E'\xfe', updated_at = now() "
                           "WHERE id = 1")
    ascii_database.execute("UPDATE t SET number = 'mended', updated_at = now() WHERE id = 2")
    wait_until(lambda: set(letters(daemon)) == {1, 4}, 20, daemon.tail())
    # A folder shows a run when its manifest is there.
    wait_until(lambda: sink.rows().get("2", {}).get("number") == "mended", 20, daemon.tail())
    assert daemon.job("one")["last_error"] is None


EXTREME = r"""VALUES
 (1, 'NaN', 'NaN', '0044-03-15 BC', '0044-03-15 12:00:00 BC'),
 (2, 'Infinity', 'Infinity', 'infinity', 'infinity'),
 (3, '-Infinity', '-Infinity', '-infinity', '-infinity'),
 (4, 1.5, 1.50, '2024-02-29', '2024-02-29 12:00:00.123456+02'),
 (5, NULL, 12345678901234567890.123456789, '5874897-12-31', '294276-12-31 23:59:59+00')"""
EXTREME_COLUMNS = "f float8, n numeric, d date, s timestamptz"
AS_JSON = {
    1: ("NaN", "NaN", "0044-03-15 BC", "0044-03-15T12:00:00+00:00 BC"),
    2: ("Infinity", "Infinity", "infinity", "infinity"),
    3: ("-Infinity", "-Infinity", "-infinity", "-infinity"),
    4: (1.5, 1.5, "2024-02-29", "2024-02-29T10:00:00.123456+00:00"),
    5: (None, 12345678901234567890.123456789, "5874897-12-31", "294276-12-31T23:59:59+00:00"),
}


def test_extreme_values_in_a_file(database, make_job):
    fill(database, EXTREME, EXTREME_COLUMNS)
    daemon, sink = make_job()
    status, _, _ = run_once(daemon)
    assert status == 0
    rows = sink.rows()
    found = {int(key): tuple(row[name] for name in "fnds") for key, row in rows.items()}
    texts = {key: database.rows("SELECT s::text FROM t WHERE id = %s", (key,))[0][0]
             for key in (1, 5)}
    expected = dict(AS_JSON)
    for key, text in texts.items():
        expected[key] = expected[key][:3] + (text,)
    assert found == expected
    assert '"n":12345678901234567890.123456789' in "\n".join(sink.objects())


def test_extreme_values_that_a_mapping_refuses(database, make_job):
    fill(database, EXTREME, EXTREME_COLUMNS)
    daemon, sink = make_job("elasticsearch", mapping={
        "f": {"type": "double"}, "n": {"type": "double"}, "d": {"type": "date"},
        "s": {"type": "date"}})
    status, run, _ = run_once(daemon)
    assert status == 4
    assert set(sink.rows()) == {"4"}
    assert run["rows_rejected"] == 4
    found = letters(daemon)
    assert set(found) == {1, 2, 3, 5}
    assert found[1]["row"]["d"] == "0044-03-15 BC" and found[2]["row"]["f"] == "Infinity"
    for letter in found.values():
        assert "failed to parse" in letter["reason"], letter["reason"]
