"""Reads the table: cases of a wrong configuration, each with the problems that must be reported."""

import dataclasses
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent

# Lines that most cases begin with.
FRAGMENTS = {
    "@connections": [
        "connections:",
        "  shop: {type: postgres, dsn: host=db}",
        "  search: {type: elasticsearch, urls: ['http://es:9200']}",
        "  disk: {type: file, path: out}",
    ],
    "@source": ["    source: {connection: shop, table: film, cursor: changed}"],
    "@sink": ["    sink: {connection: search, index: films}"],
}
FRAGMENTS["@start"] = FRAGMENTS["@connections"] + ["jobs:", "  m:"]


@dataclasses.dataclass
class Problem:
    """One line that the program must write: where, and what its text must hold."""
    line: int
    path: str
    texts: list


@dataclasses.dataclass
class Case:
    """A configuration, and all that is wrong with it in the order of the file."""
    name: str
    lines: list = dataclasses.field(default_factory=list)
    problems: list = dataclasses.field(default_factory=list)

    def add(self, written):
        if written in FRAGMENTS:
            self.lines.extend(FRAGMENTS[written])
            return
        text, *marks = written.split("#!")
        if text.strip() or not marks:
            self.lines.append(text.rstrip())
        for mark in marks:
            path, *texts = [part.strip() for part in mark.removeprefix("+").split(" | ")]
            assert texts, f"{self.name}: a mark without a text: {written}"
            self.problems.append(Problem(len(self.lines), "" if path == "-" else path, texts))

    def yaml(self):
        return "\n".join(self.lines) + "\n"


def read_cases(name):
    """The cases of one file of the table."""
    cases = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("=== "):
            cases.append(Case(line.removeprefix("=== ")))
        elif cases and (line or cases[-1].lines):
            cases[-1].add(line)
    for case in cases:
        while case.lines and not case.lines[-1]:
            case.lines.pop()
        assert case.problems, f"{name}: {case.name}: no problem is expected"
    return cases
