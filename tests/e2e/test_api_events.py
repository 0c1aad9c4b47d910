"""Server-sent events: the state first, then every change, to many listeners and slow ones."""

import contextlib
import json
import socket
import threading
import time

import pytest
import requests

from harness.environment import wait_until


@pytest.fixture
def daemon(database, make_sink, make_daemon):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz DEFAULT now());"
                     "INSERT INTO t SELECT generate_series(1, 10)")
    sink = make_sink("file", job="one")
    source = "    source: {connection: shop, table: t, cursor: updated_at}\n"
    made = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        "  one:\n" + source + f"    sink: {sink.sink()}\n    schedule: manual\n"
        "  two:\n" + source + "    sink: {connection: disk, format: ndjson, "
        "key: \"{job}/{run_seq:06}-{part:04}\"}\n    schedule: manual\n")
    made.start()
    return made


class Listener:
    """Collects events in a thread of its own, as (name, data, time)."""

    def __init__(self, daemon):
        self.events = []
        self.comments = []
        self.ended = None
        self.answer = requests.get(daemon.url("/v1/events"), stream=True, timeout=40)
        assert self.answer.status_code == 200
        assert self.answer.headers["Content-Type"] == "text/event-stream"
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        name = ""
        try:
            for line in self.answer.iter_lines(chunk_size=1):
                text = line.decode()
                if text.startswith("event: "):
                    name = text[7:]
                elif text.startswith("data: "):
                    self.events.append((name, json.loads(text[6:]), time.monotonic()))
                elif text.startswith(":"):
                    self.comments.append(time.monotonic())
            self.ended = "cleanly"
        except requests.RequestException as error:
            self.ended = repr(error)

    def of(self, name):
        return [data for kind, data, _ in list(self.events) if kind == name]

    def wait(self, name, fact, seconds=10):
        return wait_until(lambda: next((data for data in self.of(name) if fact(data)), None),
                          seconds, f"an event {name}; came: {self.events}")


def same_but_for_time(one, other):
    return ({key: value for key, value in one.items() if key != "lag_seconds"}
            == {key: value for key, value in other.items() if key != "lag_seconds"})


def test_state_first_then_changes(daemon):
    listener = Listener(daemon)
    for name in ("one", "two"):
        assert same_but_for_time(listener.wait("job", lambda job, name=name: job["name"] == name),
                                 daemon.job(name))
    run = daemon.sync("one")
    seen = listener.wait("run", lambda run: run["state"] == "succeeded")
    assert seen == run == daemon.get(f"/v1/runs/{run['id']}")
    last = listener.wait("job", lambda job: job["last_run"] and job["state"] == "waiting"
                         and job["last_run"]["state"] == "succeeded")
    assert same_but_for_time(last, daemon.job("one"))
    daemon.call("PUT", "/v1/jobs/two/pause")
    listener.wait("job", lambda job: job["name"] == "two" and job["state"] == "paused")
    late = Listener(daemon)
    late.wait("job", lambda job: job["name"] == "two" and job["state"] == "paused")
    assert daemon.stop() == 0
    wait_until(lambda: listener.ended and late.ended, 10, "the end of the streams")
    assert (listener.ended, late.ended) == ("cleanly", "cleanly")


def test_at_most_two_events_a_second_of_a_job(daemon):
    listener = Listener(daemon)
    listener.wait("job", lambda job: job["name"] == "two")
    stop = time.monotonic() + 4
    while time.monotonic() < stop:
        daemon.call("PUT", "/v1/jobs/one/pause")
        daemon.call("PUT", "/v1/jobs/one/resume")
    daemon.call("PUT", "/v1/jobs/one/pause")
    listener.wait("job", lambda job: job["name"] == "one" and job["state"] == "paused")
    time.sleep(1.5)
    times = [at for kind, data, at in listener.events if kind == "job" and data["name"] == "one"]
    assert all(later - earlier > 0.4 for earlier, later in zip(times, times[1:])), times
    assert listener.of("job")[-1]["state"] == "paused"


def test_silence_is_broken_by_comments(daemon):
    listener = Listener(daemon)
    listener.wait("job", lambda job: job["name"] == "two")
    wait_until(lambda: listener.comments, 20, "a comment")
    assert listener.comments[0] - listener.events[-1][2] > 13
    assert len(listener.events) == 2


def test_many_listeners_and_nobody_else_waits(daemon):
    listeners = [Listener(daemon) for _ in range(50)]
    for listener in listeners:
        listener.wait("job", lambda job: job["name"] == "two")
    start = time.monotonic()
    assert daemon.get("/v1/jobs")
    assert time.monotonic() - start < 1
    daemon.call("PUT", "/v1/jobs/one/pause")
    for listener in listeners:
        listener.wait("job", lambda job: job["state"] == "paused")


def test_listeners_that_went_away_make_room(daemon):
    for _ in range(3):
        with contextlib.ExitStack() as opened:
            for _ in range(100):
                client = opened.enter_context(socket.create_connection(("127.0.0.1", daemon.port)))
                client.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert client.recv(100).startswith(b"HTTP/1.1 200")
        wait_until(lambda: daemon.call("GET", "/v1/events", stream=True).status_code == 200, 5,
                   "room")


def test_a_listener_that_does_not_read_costs_nothing(daemon):
    """It holds what the kernel takes, then its queue is full and it is dropped."""
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", daemon.port))
        deaf.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        listener = Listener(daemon)
        for count in range(6):
            daemon.call("PUT", f"/v1/jobs/one/{('pause', 'resume')[count % 2]}")
            time.sleep(0.6)
        wait_until(lambda: len(listener.of("job")) >= 6, 10, "events for whoever reads")
    assert daemon.memory_peak_kib() < 128 << 10
