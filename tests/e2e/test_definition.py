"""Tables whose columns change while the daemon runs."""

from harness.environment import wait_until

JOB = (
    "  items:\n"
    "    source: {connection: shop, table: thing, cursor: updated_at}\n"
    "    sink: SINK\n"
    "    schedule: {fetch_delay: 100ms}\n"
    "    retry: {initial_delay: 100ms, max_delay: 1s}\n")
TABLE = """
CREATE TABLE thing (id int PRIMARY KEY, name text, amount int,
                    updated_at timestamptz NOT NULL DEFAULT now());
INSERT INTO thing SELECT n, 'thing ' || n, n FROM generate_series(1, 50) n;
"""


def start(database, make_sink, make_daemon):
    database.execute(TABLE)
    sink = make_sink("elasticsearch")
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        JOB.replace("SINK", sink.sink()))
    daemon.start()
    wait_until(lambda: len(sink.rows()) == 50, 20, daemon.tail())
    return sink, daemon


def test_a_new_column_is_added(database, make_sink, make_daemon):
    sink, daemon = start(database, make_sink, make_daemon)
    database.execute("ALTER TABLE thing ADD COLUMN colour text")
    database.execute("UPDATE thing SET colour = 'blue', updated_at = now() WHERE id = 7")
    wait_until(lambda: sink.rows()["7"].get("colour") == "blue", 20, daemon.tail())
    assert daemon.job("items")["state"] in ("waiting", "running")


def test_a_dropped_column_is_left_out(database, make_sink, make_daemon):
    sink, daemon = start(database, make_sink, make_daemon)
    database.execute("ALTER TABLE thing DROP COLUMN amount")
    database.execute("UPDATE thing SET name = 'new', updated_at = now() WHERE id = 7")
    wait_until(lambda: sink.rows()["7"].get("name") == "new", 20, daemon.tail())
    assert "amount" not in sink.rows()["7"]


def test_another_type_stops_the_job_until_a_full_run(database, make_sink, make_daemon):
    sink, daemon = start(database, make_sink, make_daemon)
    database.execute("ALTER TABLE thing ALTER COLUMN amount TYPE text USING amount || ''")
    database.execute("UPDATE thing SET name = 'new', updated_at = now() WHERE id = 7")
    wait_until(lambda: daemon.job("items")["state"] == "failed", 20, daemon.tail())
    error = daemon.job("items")["last_error"]
    assert "amount" in error and "integer" in error and "text" in error and "full" in error, error
    answer = daemon.call("POST", "/v1/jobs/items/runs", json={"type": "full"})
    assert daemon.wait_for_run(answer.json()["id"])["state"] == "succeeded"
    assert sink.rows()["7"]["name"] == "new"


def test_a_table_that_is_made_again_is_read_again(database, make_sink, make_daemon):
    sink, daemon = start(database, make_sink, make_daemon)
    database.execute("DROP TABLE thing")
    wait_until(lambda: daemon.job("items")["state"] in ("backing_off", "failed"), 20, daemon.tail())
    assert "thing" in daemon.job("items")["last_error"]
    database.execute(TABLE.replace("'thing '", "'again '"))
    daemon.sync("items")
    wait_until(lambda: sink.rows()["7"]["name"] == "again 7", 20, daemon.tail())
