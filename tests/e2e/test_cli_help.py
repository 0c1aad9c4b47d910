"""Help, version and what `rowferry check` counts."""

import subprocess

import pytest

from harness.environment import TREE, command

COMMANDS = ["serve", "check", "run", "status", "trigger", "pause", "resume", "cancel",
            "dead-letters list", "dead-letters replay", "dead-letters drop"]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command(name):
    asked = command("help", *name.split())
    assert asked.returncode == 0 and asked.stderr == ""
    assert f"Usage: rowferry {name}" in asked.stdout
    assert f"Examples:\n  rowferry {name}" in asked.stdout
    assert max(map(len, asked.stdout.splitlines())) <= 100
    assert command(*name.split(), "--help").stdout == asked.stdout


def test_help_of_what_is_no_command():
    wrong = command("help", "statsu")
    assert wrong.returncode == 2 and "did you mean 'status'?" in wrong.stderr


def test_manual_page_is_sound():
    page = TREE / "deploy/man/rowferry.1"
    rendered = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-P-cbou", str(page)],
                              capture_output=True, text=True, timeout=60, check=True)
    assert rendered.stderr == "" and "ROWFERRY_TOKEN_FILE" in rendered.stdout


def test_check_counts(tmp_path):
    config = tmp_path / "rowferry.yaml"
    config.write_text(
        "connections:\n"
        "  shop: {type: postgres, dsn: host=db}\n"
        "  disk: {type: file, path: out}\n"
        "jobs:\n"
        "  one: {source: {connection: shop, table: t}, sink: {connection: disk}}\n",
        encoding="utf-8")
    checked = command("check", "--offline", "--config", config)
    assert checked.returncode == 0 and checked.stderr.endswith(": right: 2 connections, 1 job\n")
