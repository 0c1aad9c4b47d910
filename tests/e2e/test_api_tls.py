"""TLS and tokens of the listener, beyond loopback and with certificates that are renewed."""

import shutil
import signal
import socket
import ssl
import subprocess

import pytest
import requests

from harness import environment
from harness.environment import wait_until


def make_certificate(folder, name):
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def install(folder, pair):
    shutil.copy(pair[0], folder / "api.crt")
    shutil.copy(pair[1], folder / "api.key")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "operate").write_text("operators-only\n", encoding="utf-8")
    (tmp_path / "read").write_text("readers-only\n", encoding="utf-8")
    install(tmp_path, make_certificate(tmp_path, "first"))
    return tmp_path


def keys(folder, *, tls=True, operate=True):
    lines = []
    if tls:
        lines.append(f"  tls: {{certificate_file: {folder}/api.crt, "
                     f"private_key_file: {folder}/api.key}}\n")
    if operate:
        lines.append(f"  operate_token_file: {folder}/operate\n")
    return "".join(lines) + f"  read_token_file: {folder}/read\n"


@pytest.fixture
def make(make_daemon, folder):
    def made(extra, listen=None):
        daemon = make_daemon(
            "  gone: {type: postgres, dsn: \"host=127.0.0.1 port=1 user=x dbname=x\"}\n"
            f"  disk: {{type: file, path: {folder}/out}}\n",
            "  one:\n"
            "    source: {connection: gone, table: t, cursor: updated_at}\n"
            "    sink: {connection: disk, format: ndjson, key: \"{job}/{run_seq:06}-{part:04}\"}\n"
            "    schedule: manual\n", extra=extra)
        if listen:
            text = daemon.config.read_text(encoding="utf-8")
            daemon.config.write_text(text.replace("127.0.0.1:", f"{listen}:", 1), encoding="utf-8")
        return daemon
    return made


def ask(daemon, folder, path, token=None, method="GET"):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, f"https://127.0.0.1:{daemon.port}{path}", headers=headers,
                            timeout=10, verify=str(folder / "api.crt"))


def answers(daemon, folder):
    def fact():
        assert daemon.process.poll() is None, daemon.tail()
        try:
            return ask(daemon, folder, "/livez").status_code == 200
        except requests.RequestException:
            return False
    wait_until(fact, 20, daemon.tail())


def shown_name(daemon):
    """The common name of the certificate that the daemon shows now."""
    pem = ssl.get_server_certificate(("127.0.0.1", daemon.port), timeout=10)
    text = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=pem, text=True,
                          check=True, capture_output=True).stdout
    return text.strip().rpartition("=")[2].strip()


def test_tokens_and_scopes_under_tls(make, folder):
    daemon = make(keys(folder), listen="0.0.0.0")
    daemon.start(wait=False)
    answers(daemon, folder)
    document = ask(daemon, folder, "/v1/openapi.json", "readers-only").json()
    checked = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            target = path.replace("{job}", "none").replace("{id}", "1")
            needed = {name for scheme in operation["security"] for name in scheme}
            stranger = ask(daemon, folder, target, method=method.upper())
            liar = ask(daemon, folder, target, "wrong", method=method.upper())
            if not needed:
                assert stranger.status_code in (200, 503), (method, path)
                continue
            assert (stranger.status_code, liar.status_code) == (401, 401), (method, path)
            assert stranger.headers["WWW-Authenticate"] == "Bearer realm=\"rowferry\""
            assert "error=\"invalid_token\"" in liar.headers["WWW-Authenticate"]
            if needed == {"operate"}:
                reader = ask(daemon, folder, target, "readers-only", method.upper())
                assert reader.status_code == 403, (method, path)
                assert "insufficient_scope" in reader.headers["WWW-Authenticate"]
            checked += 1
    assert checked > 15
    assert ask(daemon, folder, "/v1/jobs/one/pause", "operators-only", "PUT").status_code == 200
    assert ask(daemon, folder, "/v1/jobs", "readers-only").status_code == 200
    assert ask(daemon, folder, "/v1/jobs", "operators-only").status_code == 200
    for secret in ("operators-only", "readers-only"):
        assert secret not in daemon.tail()
    assert daemon.stop() == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_versions_are_refused_and_plain_requests_told(make, folder):
    daemon = make(keys(folder))
    daemon.start(wait=False)
    answers(daemon, folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=10) as client:
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(client)
    context.maximum_version = context.minimum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=10) as client:
        assert context.wrap_socket(client).version() == "TLSv1.2"
    plain = requests.get(f"http://127.0.0.1:{daemon.port}/livez", timeout=10)
    assert plain.status_code == 400 and "https://" in plain.json()["detail"]
    body = b"x" * (3 << 20)
    large = requests.post(f"https://127.0.0.1:{daemon.port}/v1/jobs/one/runs", data=body,
                          headers={"Authorization": "Bearer operators-only",
                                   "Content-Type": "application/json"},
                          timeout=10, verify=str(folder / "api.crt"))
    assert large.status_code == 413


def test_a_renewed_certificate_is_shown(make, folder):
    daemon = make(keys(folder))
    daemon.start(wait=False)
    answers(daemon, folder)
    assert shown_name(daemon) == "first"
    second = make_certificate(folder, "second")
    shutil.copy(second[0], folder / "api.crt")
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "the old one stays" in daemon.tail(), 10, "half a renewal")
    assert shown_name(daemon) == "first"
    shutil.copy(second[1], folder / "api.key")
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: shown_name(daemon) == "second", 10, "the new certificate")
    assert "does not belong to the first certificate" in daemon.tail()
    third = make_certificate(folder, "third")
    install(folder, third)
    seconds = 60
    wait_until(lambda: shown_name(daemon) == "third", seconds, "a renewal without a signal")
    assert daemon.stop() == 0


@pytest.mark.parametrize("wrong, line, key, text", [
    ("no tls", 2, "daemon.listen", "tls and operate_token_file are required"),
    ("no token", 2, "daemon.listen", "tls and operate_token_file are required"),
    ("other key", 4, "daemon.tls.private_key_file", "does not belong to the first certificate"),
    ("swapped", 4, "daemon.tls.certificate_file", "are the two files swapped?"),
    ("passphrase", 4, "daemon.tls.private_key_file", "has a passphrase"),
    ("absent", 4, "daemon.tls.certificate_file", "does not exist")])
def test_what_is_wrong_is_said_before_the_start(make, folder, wrong, line, key, text):
    other = make_certificate(folder, "other")
    extra = keys(folder, tls=wrong != "no tls", operate=wrong != "no token")
    if wrong == "other key":
        shutil.copy(other[1], folder / "api.key")
    elif wrong == "swapped":
        shutil.move(folder / "api.key", folder / "kept")
        shutil.move(folder / "api.crt", folder / "api.key")
        shutil.move(folder / "kept", folder / "api.crt")
    elif wrong == "passphrase":
        subprocess.run(["openssl", "pkey", "-aes256", "-passout", "pass:x", "-in", other[1],
                        "-out", folder / "api.key"], check=True, capture_output=True)
    elif wrong == "absent":
        (folder / "api.crt").unlink()
    daemon = make(extra, listen="0.0.0.0")
    for words in (("check", "--offline"), ("serve",)):
        done = environment.command(*words, "--config", daemon.config, seconds=20)
        assert done.returncode == 2, done.stderr
        assert f"{daemon.config}:{line}: {key}: " in done.stderr, done.stderr
        assert text in done.stderr, done.stderr
