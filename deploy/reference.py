#!/usr/bin/env python3
"""Writes the tables of keys in docs/reference.md from config.example.yaml; --check only compares.

A key of the example stands in one line: its name, its default and, behind a #, what it is for. Maps in
braces are keys of their own. What stands commented out under "Not built yet" is left as a block.
"""

import difflib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "config.example.yaml"
REFERENCE = ROOT / "docs/reference.md"
BEGIN = "<!-- keys: written by deploy/reference.py from config.example.yaml -->"
END = "<!-- keys: end -->"

# Which part of the example describes what, in the order of the reference. A longer one comes first.
SECTIONS = [
    ("daemon", "`daemon`", "daemon"),
    ("connections.shop", "A connection of type `postgres`", "connections.NAME"),
    ("connections.search", "A connection of type `elasticsearch` (OpenSearch too)",
     "connections.NAME"),
    ("connections.disk", "A connection of type `file`", "connections.NAME"),
    ("jobs.movies.source", "The source of a job, on a connection of type `postgres`",
     "jobs.NAME.source"),
    ("jobs.movies.sink", "The sink of a job, on a connection of type `elasticsearch`",
     "jobs.NAME.sink"),
    ("jobs.archive.sink", "The sink of a job, on a connection of type `file`", "jobs.NAME.sink"),
    ("jobs.mirror.sink", "The sink of a job, on a connection of type `postgres`", "jobs.NAME.sink"),
    ("jobs.movies", "The other keys of a job", "jobs.NAME"),
]
# Parts of the example that repeat keys described elsewhere.
REPEATED = ("jobs.archive.source", "jobs.archive.schedule", "jobs.mirror.source",
            "connections.mirror")
# The example gives these a value because a configuration needs one, or to show what it looks like.
REQUIRED = {
    "connections.shop.type", "connections.shop.dsn", "connections.search.type",
    "connections.search.urls", "connections.disk.type", "connections.disk.path",
    "jobs.movies.source.connection", "jobs.movies.sink.connection", "jobs.movies.sink.index",
    "jobs.archive.sink.connection", "jobs.mirror.sink.connection", "jobs.mirror.sink.table",
}
SHOWN = {
    "connections.shop.password", "connections.search.password", "jobs.movies.source.table",
    "jobs.movies.source.cursor",
}
# Defaults that depend on other keys.
DEPENDENT = {
    "jobs.movies.source.mode": "by `cursor`",
    "jobs.movies.schedule": "by `cursor`",
    "jobs.archive.sink.key": "`{job}/{run_seq:06}/part-{part:04}.FORMAT`",
}

LINE = re.compile(r"^( *)([\w$-]+):(?: +(.*))?$")
COMMENT = re.compile(r"(?:^|\s+)# (.*)$")


def split_comment(text):
    """A value and the comment behind it. A # within quotes is followed by no space here."""
    found = COMMENT.search(text)
    return (text[:found.start()].strip(), found.group(1).strip()) if found else (text.strip(), "")


def items_of(braces):
    """The keys and values of `{a: 1, b: }`."""
    inside = braces[1:-1]
    return [(key.strip(), value.strip()) for key, _, value in
            (item.partition(":") for item in re.split(r",(?![^\[]*\])", inside))]


def keys_of(example):
    """Yields (path, default, comment) of each key of the example that is not commented out."""
    path, indents = [], []
    for line in example.splitlines():
        found = LINE.match(line)
        if not found or line.lstrip().startswith("#"):
            continue
        indent, name = len(found.group(1)), found.group(2)
        while indents and indents[-1] >= indent:
            path.pop()
            indents.pop()
        path.append(name)
        indents.append(indent)
        value, comment = split_comment(found.group(3) or "")
        if re.fullmatch(r"\{\w+:.*\}", value):
            yield ".".join(path), "", comment
            for key, inner in items_of(value):
                yield ".".join(path + [key]), inner, ""
        else:
            yield ".".join(path), value, comment


def default_of(path, value):
    if path in REQUIRED:
        return "required"
    if path in DEPENDENT:
        return DEPENDENT[path]
    return "" if path in SHOWN or not value else f"`{value}`"


def section_of(path):
    for section in sorted(SECTIONS, key=lambda row: -len(row[0])):
        if path.startswith(section[0] + "."):
            return section
    return None


def tables(example):
    """The generated part of the reference."""
    rows = {section[0]: [] for section in SECTIONS}
    keys = list(keys_of(example))
    for path, value, comment in keys:
        is_map = any(other.startswith(path + ".") for other, _, _ in keys)
        if path.startswith(REPEATED) or (is_map and not comment):
            continue
        section = section_of(path)
        assert section, f"{path}: no section of the reference has it"
        key = path.removeprefix(section[0] + ".")
        text = comment.replace("|", "\\|").replace("<", "&lt;")
        rows[section[0]].append(f"| `{key}` | {default_of(path, value)} | {text} |")
    lines = [BEGIN, ""]
    for name, title, path in SECTIONS:
        lines += [f"### {title}", "", f"Under `{path}`:", "", "| key | default | |", "|---|---|---|"]
        lines += rows[name] + [""]
    return "\n".join(lines + [END])


def main():
    written = REFERENCE.read_text(encoding="utf-8")
    before, _, rest = written.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = before + tables(EXAMPLE.read_text(encoding="utf-8")) + after
    if "--check" not in sys.argv:
        REFERENCE.write_text(wanted, encoding="utf-8")
    elif wanted != written:
        sys.stdout.writelines(difflib.unified_diff(
            written.splitlines(True), wanted.splitlines(True), "docs/reference.md",
            "what config.example.yaml says"))
        sys.exit("docs/reference.md is out of date: run deploy/reference.py")


if __name__ == "__main__":
    main()
