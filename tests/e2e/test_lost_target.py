"""What was written is gone, or the job writes elsewhere now: everything is copied there again, and
the log says why. A checkpoint is worth what the sink still holds."""

import pytest

from harness.environment import command, wait_until

ROWS = 3000


@pytest.fixture
def table(database):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, name text, "
                     "updated_at timestamptz NOT NULL DEFAULT now());"
                     f"INSERT INTO t SELECT n, 'name ' || n FROM generate_series(1, {ROWS}) n")
    return database


@pytest.fixture
def make_job(table, make_daemon):
    def make(sink, batch=""):
        return make_daemon(
            f"  shop: {{type: postgres, dsn: \"{table.dsn}\"}}\n" + sink.connection(),
            "  one:\n    source: {connection: shop, table: t, cursor: updated_at}\n"
            f"    sink: {sink.sink()}\n    schedule: {{fetch_delay: 200ms}}\n{batch}"
            "    retry: {initial_delay: 50ms, max_delay: 500ms}\n")
    return make


def edit(daemon, before, after):
    text = daemon.config.read_text(encoding="utf-8")
    assert before in text
    daemon.config.write_text(text.replace(before, after), encoding="utf-8")


def copied(daemon):
    wait_until(lambda: daemon.job("one")["lag_seconds"] is not None, 60, daemon.tail())


@pytest.mark.parametrize("server", ["elasticsearch", "opensearch"])
def test_an_index_deleted_while_nothing_changes(server, table, make_sink, make_job):
    index = make_sink(server)
    daemon = make_job(index)
    daemon.start()
    copied(daemon)
    assert len(index.rows()) == ROWS
    index.drop()
    table.execute("UPDATE t SET name = 'new', updated_at = now() WHERE id = 7")
    wait_until(lambda: len(index.rows()) == ROWS, 60, daemon.tail())
    assert index.document("7")["name"] == "new"
    assert "made anew" in daemon.tail()
    wait_until(lambda: daemon.job("one")["last_error"] is None, 20, daemon.tail())


def test_an_index_deleted_while_the_daemon_is_away(table, make_sink, make_job):
    index = make_sink("elasticsearch")
    daemon = make_job(index)
    daemon.start()
    copied(daemon)
    assert daemon.stop() == 0
    index.drop()
    daemon.start()
    daemon.sync("one")
    wait_until(lambda: len(index.rows()) == ROWS, 60, daemon.tail())


def test_an_index_deleted_in_the_middle_of_a_copy(table, make_sink, make_job):
    index = make_sink("elasticsearch")
    daemon = make_job(index, "    batch: {rows: 20}\n")
    daemon.start()
    wait_until(lambda: len(index.rows()) > 200, 60, daemon.tail())
    index.drop()
    wait_until(lambda: len(index.rows()) == ROWS, 120, daemon.tail())
    copied(daemon)


def test_another_index(table, make_sink, make_job):
    before, now = make_sink("elasticsearch"), make_sink("elasticsearch")
    daemon = make_job(before)
    daemon.start()
    copied(daemon)
    assert daemon.stop() == 0
    edit(daemon, before.name, now.name)
    answer = command("run", "--config", daemon.config, "one", seconds=60)
    assert answer.returncode == 0, answer.stderr
    assert len(now.rows()) == ROWS
    assert "another target than before" in answer.stderr
    # It is known from now on.
    answer = command("run", "--config", daemon.config, "one", seconds=60)
    assert " 0 rows read" in answer.stderr, answer.stderr


def test_another_folder(table, make_sink, make_job):
    folder = make_sink("file", job="one")
    daemon = make_job(folder)
    daemon.start()
    copied(daemon)
    assert daemon.stop() == 0
    edit(daemon, "{job}/{run_seq", "elsewhere/{run_seq")
    answer = command("run", "--config", daemon.config, "one", seconds=60)
    assert answer.returncode == 0, answer.stderr
    folder.job = "elsewhere"
    assert len(folder.rows()) == ROWS


def test_another_table(table, make_sink, make_job):
    table.execute("CREATE TABLE u (LIKE t INCLUDING ALL);"
                  "INSERT INTO u SELECT n, 'other ' || n FROM generate_series(5001, 5100) n")
    index = make_sink("elasticsearch")
    daemon = make_job(index)
    daemon.start()
    copied(daemon)
    assert daemon.stop() == 0
    edit(daemon, "table: t,", "table: u,")
    answer = command("run", "--config", daemon.config, "one", seconds=60)
    assert answer.returncode == 0, answer.stderr
    assert "another one than before" in answer.stderr
    assert index.document("5100")["name"] == "other 5100"
    assert len(index.rows()) == ROWS + 100


def test_a_condition_that_became_narrower_and_a_full_run(table, make_sink, make_job):
    index = make_sink("elasticsearch")
    daemon = make_job(index)
    daemon.start()
    copied(daemon)
    assert daemon.stop() == 0
    edit(daemon, "table: t,", "table: t, where: \"id > 1000\",")
    answer = command("run", "--config", daemon.config, "one", seconds=60)
    assert answer.returncode == 0 and "--full" in answer.stderr
    assert len(index.rows()) == ROWS
    answer = command("run", "--config", daemon.config, "one", "--full", seconds=60)
    assert answer.returncode == 0, answer.stderr
    assert len(index.rows()) == ROWS - 1000
