"""What clients that are slow, broken or hostile do to the API, and what it answers."""

import http.client
import json
import socket
import threading
import time

import pytest

LIMIT = 1 << 20


@pytest.fixture
def daemon(make_daemon, tmp_path):
    """A daemon whose one job reads a server that is not there: the API needs no other."""
    folder = tmp_path / "out"
    folder.mkdir()
    made = make_daemon(
        "  gone: {type: postgres, dsn: \"host=127.0.0.1 port=1 user=x dbname=x\"}\n"
        f"  disk: {{type: file, path: {folder}}}\n",
        "  one:\n"
        "    source: {connection: gone, table: t, cursor: updated_at}\n"
        "    sink: {connection: disk, format: ndjson, key: \"{job}/{run_seq:06}-{part:04}\"}\n"
        "    schedule: manual\n")
    made.start()
    return made


def connect(daemon):
    return socket.create_connection(("127.0.0.1", daemon.port), timeout=20)


def read_all(client):
    """Everything up to the end of the connection."""
    received = b""
    while piece := client.recv(65536):
        received += piece
    return received


def ask(daemon, request):
    """The raw answer to raw bytes, after which the server closes or is silent for a second."""
    with connect(daemon) as client:
        client.sendall(request)
        client.settimeout(1)
        received = b""
        try:
            while piece := client.recv(65536):
                received += piece
        except TimeoutError:
            pass
        return received


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


def detail_of(answer):
    return json.loads(answer.split(b"\r\n\r\n", 1)[1])["detail"]


def post_head(length, more=""):
    return (f"POST /v1/jobs/one/runs HTTP/1.1\r\nHost: localhost\r\n{more}"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n").encode()


@pytest.mark.parametrize("size", [LIMIT + 2, 3 * LIMIT])
def test_a_client_that_still_sends_gets_the_413(daemon, size):
    with connect(daemon) as client:
        client.sendall(post_head(size))
        for _ in range(size // 4096):
            client.sendall(b"x" * 4096)
            time.sleep(0.0005)
        client.sendall(b"x" * (size % 4096))
        answer = read_all(client)
    assert status_of(answer) == 413
    assert detail_of(answer) == "the body is over 1 MiB"


def test_a_body_of_the_limit_is_read(daemon):
    body = b" " * (LIMIT - 2) + b"[]"
    assert status_of(ask(daemon, post_head(len(body)) + body)) == 400


def test_a_chunked_body_over_the_limit_is_a_413(daemon):
    with connect(daemon) as client:
        client.sendall(b"POST /v1/jobs/one/runs HTTP/1.1\r\nHost: localhost\r\n"
                       b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(40):
            client.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        answer = read_all(client)
    assert status_of(answer) == 413 and detail_of(answer) == "the body is over 1 MiB"


def test_a_client_that_asks_first_is_not_told_to_send_too_much(daemon):
    answer = ask(daemon, post_head(LIMIT + 1, "Expect: 100-continue\r\n"))
    assert status_of(answer) == 413


def test_431_says_the_limit(daemon):
    answer = ask(daemon, b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40000)
    assert status_of(answer) == 431 and "16 KiB" in detail_of(answer)


@pytest.mark.parametrize("target, status", [
    ("/v1/jobs/%ff%fe", 404), ("/v1/jobs/%ff%fe/dead-letters", 404), ("/%ff", 404),
    ("/v1/runs?job=%ff", 400), ("/v1/runs?%ff=1", 400), ("/v1/jobs/%ED%A0%80", 404)])
def test_every_problem_document_is_utf8(daemon, target, status):
    answer = ask(daemon, f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert status_of(answer) == status
    detail_of(answer.decode("utf-8").encode())


@pytest.mark.parametrize("lines, status", [
    ("GET /livez HTTP/1.1", 400),
    ("GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: localhost", 400),
    ("GET /livez HTTP/1.1\r\nHost: a b", 400),
    ("GET /livez HTTP/1.1\r\nHost: user@localhost", 400),
    ("GET /livez HTTP/1.0", 200),
    ("GET /livez HTTP/2.0\r\nHost: localhost", 505),
    ("GET http://localhost/livez HTTP/1.1\r\nHost: localhost", 200),
    ("GET livez HTTP/1.1\r\nHost: localhost", 400),
    ("GET /livez HTTP/1.1\r\nHost : localhost", 400),
    ("GET /livez HTTP/1.1\r\nHost: localhost\r\nExpect: the-best", 417),
    ("POST /v1/jobs/one/runs HTTP/1.1\r\nHost: localhost\r\n"
     "Transfer-Encoding: gzip, chunked", 501),
    ("POST /v1/jobs/one/runs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip", 501),
    ("POST /v1/jobs/one/runs HTTP/1.1\r\nHost: localhost\r\n"
     "Transfer-Encoding: chunked, chunked", 400),
    ("POST /v1/jobs/one/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
     "Transfer-Encoding: chunked", 400),
    ("POST /v1/jobs/one/runs HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked", 400),
    ("POST /v1/jobs/one/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
     "Content-Length: 3", 400),
    ("POST /v1/jobs/one/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -2", 400)])
def test_framing_as_rfc_9112_says(daemon, lines, status):
    answer = ask(daemon, lines.encode() + b"\r\n\r\n")
    assert status_of(answer) == status, answer
    if status != 200:
        assert b"Connection: close" in answer and detail_of(answer)


def test_requests_may_come_one_behind_the_other(daemon):
    one = b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert ask(daemon, one * 3).count(b"HTTP/1.1 200") == 3


def test_head_has_the_length_and_no_body(daemon):
    answer = ask(daemon, b"HEAD /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Length: 14" in head and b"\r\nDate: " in head and body == b""


def test_half_open_connections_make_way_for_newcomers(daemon):
    clients = [connect(daemon) for _ in range(600)]
    try:
        clients[-1].sendall(b"GET /liv")
        for path in ("/livez", "/readyz", "/v1/jobs"):
            start = time.monotonic()
            assert status_of(ask_once(daemon, path)) in (200, 503)
            assert time.monotonic() - start < 2
    finally:
        for client in clients:
            client.close()


def ask_once(daemon, path):
    with connect(daemon) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                       .encode())
        return read_all(client)


def test_200_slow_clients_do_not_delay_a_normal_request(daemon):
    stop = threading.Event()
    clients = [connect(daemon) for _ in range(200)]

    def drip():
        """Each client sends a byte of its request every 50 ms or so."""
        request = b"GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
        sent = 0
        while not stop.is_set():
            byte = request[sent:sent + 1] or b"x"
            for client in clients:
                try:
                    client.send(byte)
                except OSError:
                    pass
            sent += 1
            stop.wait(0.05)

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        waits = []
        for _ in range(60):
            start = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=10)
            connection.request("GET", "/v1/jobs")
            assert connection.getresponse().status == 200
            connection.close()
            waits.append(time.monotonic() - start)
    finally:
        stop.set()
        thread.join()
        for client in clients:
            client.close()
    waits.sort()
    assert waits[len(waits) // 2] < 0.1 and waits[-1] < 1, waits


def test_a_header_that_never_ends_is_cut_off_after_ten_seconds(daemon):
    start = time.monotonic()
    with connect(daemon) as client:
        client.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ")
        answer = read_all(client)
    assert 8 < time.monotonic() - start < 13
    assert status_of(answer) == 408


@pytest.mark.parametrize("method, headers, status", [
    ("PUT", {"Origin": "http://evil.example"}, 403),
    ("PUT", {"Origin": "null"}, 403),
    ("PUT", {"Origin": "http://127.0.0.1:1"}, 403),
    ("PUT", {"Host": "evil.example", "Origin": "http://evil.example"}, 403),
    ("GET", {"Host": "evil.example"}, 403),
    ("GET", {"Host": "localhost.evil.example:8470"}, 403),
    ("GET", {"Host": "localhost"}, 200),
    ("GET", {"Host": "LOCALHOST.:99"}, 200),
    ("GET", {"Host": "[::1]:8470"}, 200),
    ("GET", {"Host": "10.1.2.3"}, 200),
    ("GET", {"Origin": "http://evil.example"}, 200),
    ("PUT", {}, 200)])
def test_pages_of_other_origins_change_nothing(daemon, method, headers, status):
    path = "/v1/jobs/one/pause" if method == "PUT" else "/v1/jobs/one"
    answer = daemon.call(method, path, headers=headers)
    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json()["detail"]
        assert daemon.job("one")["state"] != "paused"


def test_the_page_of_the_same_origin_may(daemon):
    origin = {"Origin": f"http://127.0.0.1:{daemon.port}"}
    assert daemon.call("PUT", "/v1/jobs/one/pause", headers=origin).json()["state"] == "paused"
    assert daemon.call("POST", "/v1/jobs/one/runs",
                       headers={"Origin": "http://evil.example"}).status_code == 403


def test_readiness_lists_failed_jobs(database, make_sink, make_daemon):
    """A failed job waits for a person; its connections answer, so the daemon is ready."""
    database.execute("CREATE TABLE t (id int PRIMARY KEY, updated_at text)")
    sink = make_sink("file", job="one")
    made = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        "  one:\n"
        "    source: {connection: shop, table: t, cursor: updated_at}\n"
        f"    sink: {sink.sink()}\n")
    made.start()
    end = time.monotonic() + 20
    while made.job("one")["state"] != "failed" and time.monotonic() < end:
        time.sleep(0.1)
    answer = made.call("GET", "/readyz")
    assert answer.status_code == 200 and answer.json()["ready"] is True
    (failed,) = answer.json()["failed_jobs"]
    assert failed["name"] == "one" and failed["reason"] == made.job("one")["last_error"]
    assert made.call("PUT", "/v1/jobs/one/pause").status_code == 200
    assert made.call("GET", "/readyz").json()["failed_jobs"] == []
