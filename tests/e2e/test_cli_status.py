"""`rowferry status` against a running daemon: the table, one job, JSON, addresses and tokens."""

import http.server
import json
import subprocess
import threading

import pytest

from harness.environment import command, wait_until


def cli(daemon, *words, **options):
    """The program with the address of a daemon."""
    return command(*words, "--api", daemon.url(""), **options)


def jobs_of(database, sink, extra_job=""):
    return (f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
            "  one:\n"
            "    source: {connection: shop, table: t, cursor: updated_at}\n"
            f"    sink: {sink.sink()}\n"
            f"    schedule: manual\n{extra_job}")


@pytest.fixture
def sink(make_sink):
    return make_sink("file", job="one")


@pytest.fixture
def table(database):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz DEFAULT now());"
                     "INSERT INTO t SELECT generate_series(1, 1234)")
    return database


@pytest.fixture
def daemon(table, sink, make_daemon):
    made = make_daemon(*jobs_of(table, sink))
    made.start()
    return made


def test_table(daemon):
    before = cli(daemon, "status")
    assert before.returncode == 0 and before.stderr == ""
    lines = before.stdout.splitlines()
    assert lines[0].split() == ["JOB", "STATE", "LAG", "LAST", "RUN", "ROWS", "NEXT", "RUN",
                                "GUARANTEE"]
    assert lines[1].split()[:5] == ["one", "waiting", "-", "none", "yet"]
    daemon.sync("one")
    after = cli(daemon, "status").stdout.splitlines()
    assert "sync succeeded" in after[1] and "1,234" in after[1] and len(after) == 2
    assert "\033" not in before.stdout


def test_error_stands_below_its_job(table, sink, make_daemon):
    broken = ("  two:\n"
              "    source: {connection: shop, table: missing, cursor: updated_at}\n"
              "    sink: {connection: disk, key: \"{job}/{run_seq}-{part}\"}\n"
              "    schedule: manual\n")
    daemon = make_daemon(*jobs_of(table, sink, broken))
    daemon.start()
    daemon.call("POST", "/v1/jobs/two/runs", json={"type": "sync"})
    wait_until(lambda: daemon.job("two")["last_error"], 20, "an error")
    lines = cli(daemon, "status").stdout.splitlines()
    row = next(index for index, line in enumerate(lines) if line.startswith("two"))
    assert lines[row].split()[1] in ("backing_off", "failed", "running")
    assert lines[row + 1].startswith("  ") and "missing" in lines[row + 1]


def test_one_job(daemon):
    daemon.sync("one")
    shown = cli(daemon, "status", "one")
    assert shown.returncode == 0
    assert shown.stdout.startswith("one\n  state      waiting\n  source     shop t\n")
    assert "1,234 rows read, 1,234 written, 0 deleted, 0 rejected" in shown.stdout
    unknown = cli(daemon, "status", "none")
    assert unknown.returncode == 2 and "none" in unknown.stderr and unknown.stdout == ""


def test_json_is_the_apis(daemon):
    daemon.sync("one")
    listed = json.loads(cli(daemon, "status", "--json").stdout)
    assert [job["name"] for job in listed["items"]] == ["one"]
    shown = json.loads(cli(daemon, "status", "one", "--json").stdout)
    wanted = daemon.job("one")
    assert shown.pop("lag_seconds") <= wanted.pop("lag_seconds")
    assert shown == wanted


def test_address_of_the_environment(daemon):
    shown = command("status", env={"ROWFERRY_API": daemon.url("")})
    assert shown.returncode == 0 and "one" in shown.stdout
    overridden = cli(daemon, "status", env={"ROWFERRY_API": "http://127.0.0.1:9"})
    assert overridden.returncode == 0


def test_nobody_answers(daemon):
    assert daemon.stop() == 0
    gone = cli(daemon, "status")
    assert gone.returncode == 3 and gone.stdout == ""
    assert f"127.0.0.1:{daemon.port}" in gone.stderr
    assert command("status", "--api", "unix:/nowhere/api.sock").returncode == 3


def test_wrong_addresses():
    for address in ("127.0.0.1:8470", "ftp://localhost", "unix:"):
        wrong = command("status", "--api", address)
        assert wrong.returncode == 2 and "expected http://" in wrong.stderr, address


def test_another_server_answers():
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        shown = command("status", "--api", f"http://127.0.0.1:{server.server_port}")
        assert shown.returncode == 3 and "no rowferry daemon" in shown.stderr
    finally:
        server.shutdown()


def test_tokens(table, sink, make_daemon, tmp_path):
    for name, token in (("operate", "s3cret-operate"), ("read", "s3cret-read"),
                        ("wrong", "s3cret-wrong"), ("empty", "")):
        (tmp_path / name).write_text(token + "\n", encoding="utf-8")
    daemon = make_daemon(*jobs_of(table, sink), extra=(
        f"  operate_token_file: {tmp_path}/operate\n  read_token_file: {tmp_path}/read\n"))
    daemon.start()

    def with_token(name, *words, **options):
        return cli(daemon, *words, "--token-file", tmp_path / name, **options)

    assert with_token("operate", "status").returncode == 0
    assert with_token("read", "status", "one").returncode == 0
    assert with_token("operate", "pause", "one").returncode == 0
    forbidden = with_token("read", "pause", "one")
    assert forbidden.returncode == 3 and "may look" in forbidden.stderr
    without = cli(daemon, "status")
    assert without.returncode == 3 and "--token-file" in without.stderr
    wrong = with_token("wrong", "status")
    assert wrong.returncode == 3 and "s3cret" not in wrong.stderr + wrong.stdout
    assert with_token("empty", "status").returncode == 2
    assert with_token("missing", "status").returncode == 2
    by_environment = cli(daemon, "status", env={"ROWFERRY_TOKEN_FILE": str(tmp_path / "read")})
    assert by_environment.returncode == 0


def test_local_socket(table, sink, make_daemon, tmp_path):
    daemon = make_daemon(*jobs_of(table, sink))
    path = tmp_path / "api.sock"
    text = daemon.config.read_text(encoding="utf-8")
    daemon.config.write_text(text.replace(f"127.0.0.1:{daemon.port}", f"unix:{path}"),
                             encoding="utf-8")
    daemon.start(wait=False)
    wait_until(path.exists, 20, f"the socket; the log: {daemon.tail()}")
    wait_until(lambda: command("status", "--api", f"unix:{path}").returncode == 0, 20, "an answer")
    shown = command("trigger", "one", "--wait", "--api", f"unix:{path}")
    assert shown.returncode == 0 and "succeeded" in shown.stderr


def test_tls(table, sink, make_daemon, tmp_path):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=rowferry",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out",
                    str(certificate)], check=True, capture_output=True, timeout=60)
    daemon = make_daemon(*jobs_of(table, sink), extra=(
        f"  tls: {{certificate_file: {certificate}, private_key_file: {key}}}\n"))
    daemon.start(wait=False)
    address = f"https://127.0.0.1:{daemon.port}"

    def answers():
        return command("status", "--api", address, "--ca-file", certificate).returncode == 0

    wait_until(answers, 20, f"an answer over TLS; the log: {daemon.tail()}")
    untrusted = command("status", "--api", address)
    assert untrusted.returncode == 3 and "TLS" in untrusted.stderr
    assert command("status", "--api", address, "--ca-file", tmp_path / "none").returncode == 2
