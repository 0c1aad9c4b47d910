"""`rowferry check --offline` with the real connectors: the example, and keys of later versions."""

import pathlib
import subprocess

import pytest

from harness.environment import binary

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What this version does not build: where it stands, and how it is written.
LATER = [
    ("daemon.state", "store", "postgres"),
    ("connections.shop", "type", "sqlite"),
    ("connections.shop", "type", "s3"),
    ("connections.shop", "type", "bigquery"),
    ("jobs.m.source", "tables", "'*'"),
    ("jobs.m.source", "document", "{root: cinema.movie}"),
    ("jobs.m.source", "mode", "partitions"),
    ("jobs.m.source", "partitions", "{column: created_at, every: day}"),
    ("jobs.m.source", "run_rows", "1000"),
    ("jobs.m.source", "pause", "5ms"),
    ("jobs.m.source", "max_rows_per_second", "1000"),
    ("jobs.m.source", "max_active_backends", "10"),
    ("jobs.m.source", "on_new_column", "ignore"),
    ("jobs.m.source", "on_new_column", "fail"),
    ("jobs.m.source", "on_type_change", "rebuild"),
    ("jobs.m", "reconcile", "{cron: '0 5 * * *'}"),
    ("jobs.m.sink", "validate", "true"),
    ("jobs.m.sink", "alias", "films"),
    ("jobs.f.sink", "format", "parquet"),
    ("jobs.f.sink", "compression", "gzip"),
    ("jobs.f.sink", "compression", "zstd"),
    ("jobs.f.sink", "key", "'{job}/{window:%Y-%m-%d}/{run_seq:06}-{part:04}'"),
]


def configuration():
    """A right configuration as nested maps of texts."""
    source = {"connection": "shop", "table": "film", "cursor": "changed"}
    return {
        "daemon": {"state": {"path": "state.db"}},
        "connections": {
            "shop": {"type": "postgres", "dsn": "host=db"},
            "search": {"type": "elasticsearch", "urls": "['http://es:9200']"},
            "disk": {"type": "file", "path": "out"},
        },
        "jobs": {
            "m": {"source": dict(source), "sink": {"connection": "search", "index": "films"}},
            "f": {"source": dict(source), "sink": {"connection": "disk"}},
        },
    }


def to_yaml(node, indent=0):
    lines = []
    for key, value in node.items():
        if isinstance(value, dict):
            lines.append(" " * indent + f"{key}:")
            lines.extend(to_yaml(value, indent + 2))
        else:
            lines.append(" " * indent + f"{key}: {value}")
    return lines


def check(path, **options):
    return subprocess.run([binary(), "check", "--offline", "--config", str(path)], check=False,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          **options)


def test_the_example_is_right():
    done = check(ROOT / "config.example.yaml", env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 0, done.stderr


def test_a_plain_configuration_is_right(tmp_path):
    path = tmp_path / "app.yaml"
    path.write_text("\n".join(to_yaml(configuration())), encoding="utf-8")
    done = check(path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("parent, key, value", LATER, ids=lambda text: text.strip("'{}"))
def test_later_keys_are_known_and_refused(tmp_path, parent, key, value):
    config = configuration()
    node = config
    for name in parent.split("."):
        node = node[name]
    node[key] = value
    lines = to_yaml(config)
    path = tmp_path / "app.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    done = check(path)
    assert done.returncode == 2
    line = next(number for number, text in enumerate(lines, 1)
                if text.strip().startswith(f"{key}: {value}"))
    assert f"{path}:{line}: {parent}.{key}: not built yet\n" in done.stderr, done.stderr


def test_transforms_are_refused_one_by_one(tmp_path):
    config = configuration()
    config["jobs"]["m"]["transforms"] = "[{upper: [title]}, {drop: [plot]}]"
    path = tmp_path / "app.yaml"
    path.write_text("\n".join(to_yaml(config)), encoding="utf-8")
    done = check(path)
    assert done.returncode == 2
    for index in (0, 1):
        assert f": jobs.m.transforms[{index}]: not built yet\n" in done.stderr
