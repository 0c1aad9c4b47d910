"""Addresses of the real servers; a missing one is a failure, never a skip."""

import os
import pathlib
import subprocess
import time

TREE = pathlib.Path(__file__).resolve().parents[2]


def required(name):
    """The value of an environment variable that `tests/services/up` sets."""
    value = os.environ.get(name)
    assert value, f"{name} is not set: run tests/services/up and source its env file"
    return value


def binary():
    """The program under test."""
    path = os.environ.get("ROWFERRY_TEST_BINARY", str(TREE / "build/release/bin/rowferry"))
    assert os.access(path, os.X_OK), f"{path}: not there; build it or set ROWFERRY_TEST_BINARY"
    return path


def command(*words, seconds=120, **options):
    """Runs the program to its end; returns what `subprocess.run` does, with text."""
    return subprocess.run([binary(), *map(str, words)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=seconds, check=False, **options)


def full_form():
    """Whether the long form of a test was asked for (minutes instead of seconds)."""
    return os.environ.get("ROWFERRY_TEST_FULL") == "1"


def service(name, verb):
    """Calls a service's script: stop, start, kill, restart-immediate."""
    script = pathlib.Path(required("ROWFERRY_TEST_SERVICES")) / name
    subprocess.run([str(script), verb], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, timeout=180)


def wait_until(fact, seconds, what, pause=0.05):
    """Waits until `fact()` is true and returns its value; fails naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = fact()
        if value:
            return value
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(pause)
