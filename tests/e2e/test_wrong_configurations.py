"""Wrong configurations: each problem with its file, line, key path and what to do; exit 2."""

import pytest

from harness.environment import command
from wrong_configurations.cases import read_cases

TABLE = ["daemon.txt", "connections.txt", "jobs.txt", "source.txt", "sinks.txt", "yaml.txt"]
CASES = [case for name in TABLE for case in read_cases(name)]
# What must never be seen, wherever a configuration of the table puts it.
SECRETS = ["hunter2", "let-me-look"]
FILES = {"token": "let-me-look\n", "empty": "\n", "broken.json": "{\"settings\": {",
         "other.json": "{\"mapings\": {}}", "pair.pem": "text"}

# What no text file can hold, or is too large to be written down: name, bytes, line, text.
RAW = [
    ("nothing", b"", 1, "is empty"),
    ("comments only", b"# rowferry\n\n# nothing yet\n", 1, "is empty"),
    ("a byte order mark and nothing", b"\xef\xbb\xbf", 1, "is empty"),
    ("UTF-16", "daemon: {}\n".encode("utf-16"), 1, "UTF-8"),
    ("Latin-1", "daemon: {}\n# Stra\xdfe\n".encode("latin-1"), 2, "UTF-8"),
    ("a zero byte", b"daemon:\n  listen: a\0b\n", 2, "control character"),
    ("an escape character", b"daemon: {}\n\x1b[1m\n", 2, "control character"),
    ("deep lists", b"daemon: " + b"[" * 100_000, 1, "nested too deeply"),
    ("deep maps", b"".join(b" " * n + b"a:\n" for n in range(2000)), 65, "nested too deeply"),
    ("a huge file", b"# rowferry rowferry rowferry rowferry\n" * 500_000, 1, "larger than 16MiB"),
    ("an archive", b"\x1f\x8b\x08\x00\x00\x00\x00\x00", 1, "UTF-8"),
]

@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("wrong")
    for name, text in FILES.items():
        (made / name).write_text(text, encoding="utf-8")
    (made / "folder").mkdir()
    return made


def check(folder, text):
    """What `rowferry check --offline` says of a file with these bytes; nothing on stdout."""
    path = folder / "rowferry.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    done = command("check", "--offline", "--config", path,
                   env={"PATH": "/usr/bin:/bin", "SECRET": "hunter2"})
    assert done.returncode == 2, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    assert done.stdout == ""
    for secret in SECRETS:
        assert secret not in done.stderr
    return path, done.stderr


def expect(folder, case):
    path, said = check(folder, case.yaml())
    places = [f"{path}:{problem.line}: " + (problem.path and f"{problem.path}: ")
              for problem in case.problems]
    lines = [line for line in said.splitlines() if line.startswith(f"{path}:")]
    assert len(lines) == len(places), f"expected: {places}; said:\n{said}"
    for place, problem, line in zip(places, case.problems, lines):
        assert line.startswith(place), f"expected at {place!r}; said:\n{said}"
        missing = [text for text in problem.texts if text not in line.removeprefix(place)]
        assert not missing, f"{missing} is missing; said:\n{said}"


def test_the_table_is_large_enough_and_names_each_case_once():
    names = [case.name for case in CASES]
    assert len(names) >= 90 and len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_a_wrong_configuration(folder, case):
    expect(folder, case)


def test_a_dozen_problems_are_told_at_once_in_the_order_of_the_file(folder):
    [case] = read_cases("dozen.txt")
    assert len(case.problems) >= 12
    expect(folder, case)


@pytest.mark.parametrize("name, content, line, text", RAW, ids=[row[0] for row in RAW])
def test_what_is_no_text(folder, name, content, line, text):
    path, said = check(folder, content)
    lines = said.splitlines()
    assert len(lines) == 1 and text in lines[0], said[:2000]
    assert lines[0].startswith(f"{path}:{line}: "), said[:2000]


def test_aliases_that_would_grow_without_bound(folder):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 40)]
    path, said = check(folder, "\n".join(lines) + "\n")
    problems = said.splitlines()
    assert len(problems) == 40 and problems[39].startswith(f"{path}:40: a39: unknown key")


@pytest.mark.parametrize("name, text", [("missing.yaml", "No such file"), ("folder", "folder")])
def test_a_configuration_that_is_no_file(folder, name, text):
    done = command("check", "--offline", "--config", folder / name)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(f"{folder / name}:1: ") and text in done.stderr
