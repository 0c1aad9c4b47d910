"""The API as curl sees it."""

import socket
import stat

import pytest
import requests

from harness.environment import wait_until


@pytest.fixture
def daemon(database, make_sink, make_daemon):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz DEFAULT now());"
                     "INSERT INTO t SELECT generate_series(1, 10)")
    index = make_sink("elasticsearch")
    made = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + index.connection(),
        "  one:\n"
        "    source: {connection: shop, table: t, cursor: updated_at}\n"
        f"    sink: {index.sink()}\n"
        "    schedule: manual\n")
    made.start()
    return made


def problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status and body["title"] and body["detail"] and body["type"]
    return body


def test_run_is_started_listed_and_shown(daemon):
    answer = daemon.call("POST", "/v1/jobs/one/runs", json={"type": "sync"})
    assert answer.status_code == 202
    run = daemon.wait_for_run(answer.json()["id"])
    assert (run["state"], run["rows_read"], run["rows_written"]) == ("succeeded", 10, 10)
    assert run["run_seq"] == 1 and run["type"] == "sync" and run["error"] is None
    listed = daemon.get("/v1/runs?job=one&limit=1")
    assert [item["id"] for item in listed["items"]] == [run["id"]]
    assert daemon.get(f"/v1/runs?before={run['id']}")["items"] == []
    job = daemon.job("one")
    assert job["last_run"]["id"] == run["id"] and job["totals"]["rows_written"] == 10
    assert job["state"] == "waiting" and job["schedule"] == "manual"
    problem(daemon.call("DELETE", f"/v1/runs/{run['id']}"), 409)


def test_a_run_without_rows_is_a_run_all_the_same(daemon):
    daemon.sync("one")
    run = daemon.sync("one")
    assert (run["state"], run["rows_read"], run["run_seq"]) == ("succeeded", 0, 2)


def test_full_copies_everything_again(daemon):
    daemon.sync("one")
    answer = daemon.call("POST", "/v1/jobs/one/runs", json={"type": "full"})
    run = daemon.wait_for_run(answer.json()["id"])
    assert (run["state"], run["rows_read"]) == ("succeeded", 10)


def test_pause_lasts_across_restarts(daemon):
    assert daemon.call("PUT", "/v1/jobs/one/pause").json()["state"] == "paused"
    assert daemon.stop() == 0
    daemon.start()
    assert daemon.job("one")["state"] == "paused"
    problem(daemon.call("POST", "/v1/jobs/one/runs", json={"type": "sync"}), 409)
    assert daemon.call("PUT", "/v1/jobs/one/resume").json()["state"] == "waiting"
    assert daemon.sync("one")["state"] == "succeeded"


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/nowhere", 404), ("GET", "/v1/jobs/none", 404), ("GET", "/v1/runs/999", 404),
    ("PUT", "/v1/jobs/none/pause", 404), ("DELETE", "/v1/jobs", 405), ("POST", "/livez", 405),
    ("GET", "/v1/runs?limit=0", 400), ("GET", "/v1/runs?limit=x", 400),
    ("GET", "/v1/runs?state=odd", 400), ("GET", "/v1/runs?colour=red", 400),
    ("GET", "/v1/runs?limit=1&limit=2", 400), ("GET", "/v1/runs/x", 400),
    ("GET", "/v1/jobs/one/dead-letters?limit=1001", 400),
    ("GET", "/v1/jobs/one/partitions", 501), ("POST", "/v1/jobs/one/partitions/repair", 501),
    ("GET", "/v1/jobs/none/checkpoint", 404), ("DELETE", "/v1/jobs/none/checkpoint", 404),
    ("DELETE", "/v1/jobs/one/checkpoint", 409), ("PUT", "/v1/jobs/one/checkpoint", 400),
    ("POST", "/v1/jobs/none/dead-letters/replay", 404), ("POST", "/v1/jobs/one/dead-letters", 405),
    ("DELETE", "/v1/jobs/none/dead-letters", 404)])
def test_wrong_calls(daemon, method, path, status):
    answer = daemon.call(method, path)
    problem(answer, status)
    assert ("Allow" in answer.headers) == (status == 405)


def test_wrong_bodies(daemon):
    runs = "/v1/jobs/one/runs"
    problem(daemon.call("POST", runs, data="{", headers={"Content-Type": "application/json"}), 400)
    problem(daemon.call("POST", runs, json=["sync"]), 400)
    problem(daemon.call("POST", runs, json={"type": "odd"}), 400)
    problem(daemon.call("POST", runs, json={"type": "sync", "more": 1}), 400)
    problem(daemon.call("POST", runs, json={"type": "backfill", "from": "yesterday"}), 400)
    problem(daemon.call("POST", runs, json={"type": "backfill", "from": "2024-01-01"}), 501)
    problem(daemon.call("POST", runs, data="type=sync"), 415)
    problem(daemon.call("POST", runs, data=b"x" * (2 << 20),
                        headers={"Content-Type": "application/json"}), 413)
    problem(daemon.call("GET", "/livez", headers={"X-Long": "x" * 40000}), 431)


def test_health_and_metrics(daemon):
    assert daemon.get("/livez") and daemon.get("/version")["version"]
    wait_until(lambda: daemon.call("GET", "/readyz").status_code == 200, 10, "readiness")
    daemon.sync("one")
    assert daemon.metric("rowferry_rows_written_total", job="one") == 10
    assert daemon.metric("rowferry_rows_rejected_total", job="one") == 0
    assert daemon.metric("rowferry_runs_total", job="one", type="sync", outcome="succeeded") == 1
    assert daemon.metric("rowferry_connection_up", connection="shop") == 1


def test_broken_requests_end_their_own_connection_only(daemon):
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=5) as client:
        client.sendall(b"NONSENSE\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 400")
    assert daemon.get("/livez")


def test_operate_token(database, make_sink, make_daemon, tmp_path):
    token = tmp_path / "token"
    token.write_text("s3cret-token\n", encoding="utf-8")
    database.execute("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz DEFAULT now())")
    sink = make_sink("file", job="one")
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        "  one:\n"
        "    source: {connection: shop, table: t, cursor: updated_at}\n"
        f"    sink: {sink.sink()}\n",
        extra=f"  operate_token_file: {token}\n")
    daemon.start()
    for path in ("/livez", "/version", "/"):
        assert daemon.call("GET", path).status_code == 200
    for path in ("/v1/jobs", "/metrics", "/nowhere"):
        assert problem(daemon.call("GET", path), 401)
        assert daemon.call("GET", path, headers={"Authorization": "Bearer wrong"}
                           ).status_code == 401
    right = {"Authorization": "Bearer s3cret-token"}
    assert daemon.call("GET", "/v1/jobs", headers=right).status_code == 200
    assert "s3cret-token" not in daemon.tail()


def test_unix_socket(database, make_sink, make_daemon, tmp_path):
    path = tmp_path / "api.sock"
    database.execute("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz DEFAULT now())")
    sink = make_sink("file", job="one")
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        "  one:\n"
        "    source: {connection: shop, table: t, cursor: updated_at}\n"
        f"    sink: {sink.sink()}\n")
    text = daemon.config.read_text(encoding="utf-8")
    daemon.config.write_text(text.replace(f"127.0.0.1:{daemon.port}", f"unix:{path}"),
                             encoding="utf-8")
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))

    def answer():
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(path))
            except OSError:
                return None
            client.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return client.recv(1000)

    daemon.start(wait=False)
    assert wait_until(answer, 20, daemon.tail()).startswith(b"HTTP/1.1 200")
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert daemon.stop() == 0
    assert not path.exists()


def test_readiness_names_what_is_down(make_daemon, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    daemon = make_daemon(
        "  gone: {type: postgres, dsn: \"host=127.0.0.1 port=1 user=x dbname=x\"}\n"
        f"  disk: {{type: file, path: {folder}}}\n",
        "  one:\n"
        "    source: {connection: gone, table: t, cursor: updated_at}\n"
        "    sink: {connection: disk, format: ndjson, key: \"{job}/{run_seq:06}-{part:04}\"}\n")
    daemon.start()
    wait_until(lambda: requests.get(daemon.url("/readyz"), timeout=5).status_code == 503, 10,
               "not ready")
    answer = requests.get(daemon.url("/readyz"), timeout=5)
    assert "gone" in [item["name"] for item in answer.json()["connections"]]
    assert wait_until(lambda: daemon.job("one")["state"] == "backing_off", 10, daemon.tail())
    assert daemon.job("one")["last_error"]
    assert daemon.stop() == 0
