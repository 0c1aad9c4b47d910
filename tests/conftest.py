"""Fixtures of the end-to-end and chaos tests."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from harness.database import Database  # noqa: E402
from harness.daemon import Daemon  # noqa: E402
from harness.sinks import Folder, SearchIndex, Table  # noqa: E402


@pytest.fixture
def database():
    made = Database()
    yield made
    made.drop()


@pytest.fixture
def make_index():
    """Makes indices on a named server, and deletes them at the end."""
    made = []

    def make(server="elasticsearch"):
        made.append(SearchIndex(server))
        return made[-1]

    yield make
    for index in made:
        index.drop()


@pytest.fixture
def make_table():
    """Makes targets in databases of their own, and drops those at the end."""
    made = []

    def make(table="item"):
        made.append(Table(table))
        return made[-1]

    yield make
    for table in made:
        table.drop()


@pytest.fixture
def make_sink(make_index, make_table, tmp_path):
    """Makes a sink by its name: elasticsearch, opensearch, postgres or file."""
    def make(name, job="items"):
        if name == "file":
            return Folder(tmp_path / "out", job)
        if name == "postgres":
            return make_table()
        return make_index(name)
    return make


@pytest.fixture
def make_daemon(tmp_path):
    """Makes daemons in folders of their own; whatever still runs at the end is killed."""
    made = []

    def make(connections, jobs, extra="", store="sqlite"):
        folder = tmp_path / f"daemon{len(made)}"
        folder.mkdir()
        made.append(Daemon(folder, connections, jobs, extra, store))
        return made[-1]

    yield make
    for daemon in made:
        daemon.kill()
