"""The main job: a film catalogue, kept equal in a search index and in files."""

import pathlib

import pytest

from harness.compare import assert_equal
from harness.environment import TREE, wait_until

CATALOGUE = pathlib.Path(TREE) / "deploy/demo/catalogue.sql"


def movies_job(sink):
    return (
        "  movies:\n"
        "    source:\n"
        "      connection: shop\n"
        "      table: content.film_work\n"
        "      columns: [id, title, description, creation_date, rating, type, tags, facts]\n"
        "      cursor: updated_at\n"
        "      deleted: {column: deleted_at}\n"
        f"    sink: {sink}\n"
        "    schedule: {fetch_delay: 200ms}\n")


COLUMNS = "id, title, description, creation_date, rating, type, tags, facts"


def films(database):
    return dict(database.rows(
        f"SELECT id::text, to_jsonb(f) FROM (SELECT {COLUMNS} FROM content.film_work "
        "WHERE deleted_at IS NULL) f"))


@pytest.mark.parametrize("name", ["elasticsearch", "opensearch", "file"])
def test_films_arrive_change_and_vanish(name, database, make_sink, make_daemon):
    database.run_script(CATALOGUE)
    sink = make_sink(name, job="movies")
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        movies_job(sink.sink()))
    daemon.start()
    wait_until(lambda: len(sink.rows()) == 1000, 20, f"1,000 films; {daemon.tail()}")
    assert_equal(films(database), sink.rows())

    film = database.value("SELECT min(id::text) FROM content.film_work")
    database.execute("UPDATE content.film_work SET title = 'Renamed' WHERE id = %s", (film,))
    wait_until(lambda: sink.rows()[film]["title"] == "Renamed", 20,
               f"the new title; {daemon.tail()}")

    database.execute("INSERT INTO content.film_work (id, title, type) "
                     "VALUES ('00000000-0000-0000-0000-000000000001', 'New', 'movie')")
    wait_until(lambda: len(sink.rows()) == 1001, 20,
               f"the new film; {daemon.tail()}")

    database.execute("UPDATE content.film_work SET deleted_at = now() WHERE id = %s", (film,))
    wait_until(lambda: film not in sink.rows(), 20,
               f"the deleted film's end; {daemon.tail()}")
    assert_equal(films(database), sink.rows())
    assert daemon.stop() == 0


def test_restart_sends_nothing_again(database, make_sink, make_daemon):
    database.run_script(CATALOGUE)
    index = make_sink("elasticsearch")
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + index.connection(),
        movies_job(index.sink()))
    daemon.start()
    wait_until(lambda: daemon.job("movies")["totals"]["rows_written"] == 1000, 20, daemon.tail())
    assert daemon.stop() == 0
    runs_before = database_runs(daemon)
    daemon.start()
    wait_until(lambda: daemon.job("movies")["lag_seconds"] is not None, 10, daemon.tail())
    run = daemon.sync("movies")
    assert run["state"] == "succeeded"
    assert run["rows_read"] == 0, run
    assert daemon.job("movies")["totals"]["rows_written"] == 1000
    assert len(daemon.get("/v1/runs?job=movies")["items"]) == runs_before + 1


def database_runs(daemon):
    """How many runs the history holds, asked after a restart."""
    daemon.start()
    count = len(daemon.get("/v1/runs?job=movies")["items"])
    assert daemon.stop() == 0
    return count
