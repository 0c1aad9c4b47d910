"""The OpenAPI document is one, and a schema-driven fuzzer finds nothing against the daemon."""

import subprocess
import sys

import openapi_spec_validator
import pytest

from harness import environment

# 501: said of what is not built yet, and documented as such. 503: not ready, or too many at once.
SETTINGS = """
seed = 8470
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 501, 503]
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 401, 403, 404, 409, 501, 503]
# In a path the wrong type, the text "2", is the number 2.
[[operations]]
include-path = "/v1/runs/{id}"
checks.negative_data_rejection.enabled = false
"""
TOKEN = "operator-of-the-fuzzer"


@pytest.fixture
def daemon(database, make_sink, make_daemon, tmp_path):
    (tmp_path / "operate").write_text(TOKEN, encoding="utf-8")
    (tmp_path / "read").write_text("reader-of-the-fuzzer", encoding="utf-8")
    database.execute("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz DEFAULT now());"
                     "INSERT INTO t SELECT generate_series(1, 10)")
    sink = make_sink("file", job="0")
    made = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + sink.connection(),
        # Names that the fuzzer comes upon by itself.
        "  \"0\":\n"
        "    source: {connection: shop, table: t, cursor: updated_at}\n"
        f"    sink: {sink.sink()}\n",
        extra=f"  operate_token_file: {tmp_path}/operate\n  read_token_file: {tmp_path}/read\n")
    made.start()
    return made


def authorised():
    return {"Authorization": f"Bearer {TOKEN}"}


def test_the_document_is_openapi_3_1(daemon):
    document = daemon.call("GET", "/v1/openapi.json", headers=authorised()).json()
    assert document["openapi"] == "3.1.0"
    openapi_spec_validator.validate(document)


@pytest.mark.timeout(900)
def test_the_fuzzer_finds_nothing(daemon, tmp_path):
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    examples = 200 if environment.full_form() else 15
    words = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings),
             "run", daemon.url("/v1/openapi.json"),
             "--header", f"Authorization: Bearer {TOKEN}",
             # Runs are cancelled, not deleted: they stay in the history.
             "--exclude-checks", "use_after_free",
             # A stream without an end, which test_api_events listens to.
             "--exclude-path", "/v1/events",
             "--max-examples", str(examples), "--request-timeout", "10", "--workers", "2",
             "--no-color", "--generation-database", "none",
             "--suppress-health-check", "filter_too_much"]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          cwd=tmp_path, timeout=800, check=False)
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
    assert daemon.call("GET", "/v1/jobs", headers=authorised()).status_code == 200
    assert daemon.call("PUT", "/v1/jobs/0/resume", headers=authorised()).status_code == 200
    assert "a request failed" not in daemon.log.read_text(errors="replace")
