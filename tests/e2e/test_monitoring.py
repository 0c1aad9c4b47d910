"""Metrics, rules and dashboard, judged by promtool and by a real Prometheus that scrapes a daemon
which moves rows."""

import json
import math
import re
import subprocess
import threading
import time

import pytest
import requests

from harness.daemon import free_port
from harness.environment import TREE, wait_until
from harness.prometheus import Prometheus

RULES = TREE / "deploy/prometheus/rowferry.rules.yml"
DASHBOARD = TREE / "deploy/grafana/rowferry.json"

FAMILIES = {
    "rowferry_rows_read_total": "counter", "rowferry_rows_written_total": "counter",
    "rowferry_rows_deleted_total": "counter", "rowferry_rows_rejected_total": "counter",
    "rowferry_bytes_read_total": "counter", "rowferry_bytes_written_total": "counter",
    "rowferry_retries_total": "counter", "rowferry_runs_total": "counter",
    "rowferry_run_duration_seconds": "histogram", "rowferry_batch_write_seconds": "histogram",
    "rowferry_lag_seconds": "gauge", "rowferry_last_success_timestamp_seconds": "gauge",
    "rowferry_job_state": "gauge", "rowferry_missing_partitions": "gauge",
    "rowferry_dead_letters": "gauge", "rowferry_look_back_seconds": "gauge",
    "rowferry_connection_up": "gauge", "rowferry_state_save_seconds": "histogram",
    "rowferry_build_info": "gauge"}

# What is true of the daemon of these tests, and so what its alerts wait for.
EXPECTED = {"RowferryJobFailed": "given_up", "RowferryJobBackingOff": "unreachable",
            "RowferryDeadLetters": "refused", "RowferryLookBackOverlap": "overlap",
            "RowferryPauseForgotten": "paused", "RowferryNeverSucceeded": "unreachable"}
QUIET = {"RowferryDown", "RowferryAbsent", "RowferryLagging", "RowferryNoSuccess",
         "RowferryDeadLettersNearLimit", "RowferryPartitionsMissing", "RowferryStateSlow"}


def promtool(*words, **options):
    return subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True,
                          timeout=60, check=False, **options)


class Mover:
    """Changes and adds rows, some a second, in a thread of its own."""

    def __init__(self, database):
        self.database = database
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.move)
        self.thread.start()

    def move(self):
        connection = self.database.connect()
        connection.autocommit = True
        cursor = connection.cursor()
        while not self.stopped.wait(0.05):
            cursor.execute("UPDATE item SET name = name || '.', updated_at = now() WHERE id IN "
                           "(SELECT id FROM item ORDER BY random() LIMIT 20)")
        connection.close()

    def stop(self):
        self.stopped.set()
        self.thread.join()


def job(name, source, sink, more=""):
    return (f"  {name}:\n    source: {source}\n    sink: {sink}\n"
            "    schedule: {fetch_delay: 200ms}\n"
            f"    retry: {{initial_delay: 1s, max_delay: 5s{more}}}\n")


@pytest.fixture
def daemon(database, make_index, make_daemon):
    """A daemon with a job in every state, while rows change."""
    database.execute("CREATE TABLE item (id int PRIMARY KEY, name text, note text, "
                     "updated_at timestamptz NOT NULL DEFAULT now());"
                     "INSERT INTO item SELECT n, 'name ' || n, 'note ' || n "
                     "FROM generate_series(1, 2000) n;"
                     "CREATE TABLE wrong AS SELECT * FROM item WHERE id <= 30;"
                     "ALTER TABLE wrong ADD PRIMARY KEY (id)")
    good, strict, second, third = (make_index() for _ in range(4))
    strict.request("PUT", "", json={"mappings": {"properties": {"note": {"type": "long"}}}})
    item = "{connection: shop, table: item, cursor: updated_at%s}"
    away = "{connection: away, table: item, cursor: updated_at}"
    made = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n"
        f"  away: {{type: postgres, dsn: \"host=127.0.0.1 port={free_port()} user=a dbname=a\"}}\n"
        + good.connection(),
        job("moving", item % "", good.sink())
        + job("overlap", item % ", late_commits: overlap", second.sink())
        + job("refused", "{connection: shop, table: wrong, cursor: updated_at}", strict.sink())
        + job("paused", item % "", third.sink())
        + job("unreachable", away, "{connection: search, index: test-away}")
        + job("given_up", away, "{connection: search, index: test-gone}", ", give_up_after: 1s"))
    mover = Mover(database)
    made.start()
    made.call("PUT", "/v1/jobs/paused/pause")
    wait_until(lambda: made.job("given_up")["state"] == "failed", 30, made.tail())
    wait_until(lambda: made.job("refused")["last_run"] and
               made.metric("rowferry_dead_letters", job="refused") == 30, 30, made.tail())
    yield made
    mover.stop()


@pytest.fixture
def prometheus():
    made = Prometheus()
    yield made
    made.close()


def dashboard_queries():
    """(panel, expression) of every query."""
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return [(panel["title"], target["expr"]) for panel in panels
            for target in panel.get("targets", [])]


def with_variables(expression, instance):
    """What Grafana sends: its variables replaced."""
    replaced = (expression.replace("$__rate_interval", "20s").replace("$instance", instance)
                .replace("$job", ".*"))
    assert "$" not in replaced, replaced
    return replaced


def values(samples):
    return [float(sample["value"][1]) for sample in samples]


def test_promtool_finds_nothing(daemon):
    text = requests.get(daemon.url("/metrics"), timeout=10).text
    answer = promtool("check", "metrics", input=text)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    helps = dict(re.findall(r"^# HELP (\S+) (.+)$", text, re.MULTILINE))
    assert types == FAMILIES
    assert set(helps) == set(FAMILIES)
    for name, sentence in helps.items():
        assert sentence.endswith("."), f"{name}: {sentence}"


def test_every_family_is_there_from_the_start(make_daemon, tmp_path):
    """At 0 for each job, before anything was reached."""
    made = make_daemon(
        f"  away: {{type: postgres, dsn: \"host=127.0.0.1 port={free_port()} user=a dbname=a\"}}\n"
        f"  disk: {{type: file, path: {tmp_path}/out}}\n",
        "  one:\n    source: {connection: away, table: t, cursor: c}\n"
        "    sink: {connection: disk, key: \"{job}/{run_seq:06}-{part:04}.ndjson\"}\n"
        "    schedule: manual\n")
    made.start()
    text = requests.get(made.url("/metrics"), timeout=10).text
    for name, kind in FAMILIES.items():
        sample = name + ("_count" if kind == "histogram" else "")
        assert re.search(rf"^{sample}\b", text, re.MULTILINE), f"{name} has no sample"
    assert made.metric("rowferry_rows_written_total", job="one") == 0
    assert made.metric("rowferry_runs_total", job="one", type="sync", outcome="failed") == 0


def test_rules_and_configuration():
    folder = RULES.parent
    for words in (("check", "rules", RULES), ("check", "config", folder / "prometheus.yml"),
                  ("test", "rules", folder / "tests/rowferry.rules.test.yml")):
        answer = promtool(*words)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    text = RULES.read_text(encoding="utf-8")
    tested = (folder / "tests/rowferry.rules.test.yml").read_text(encoding="utf-8")
    for name in re.findall(r"- alert: (\S+)", text):
        assert f"alertname: {name}" in tested, f"{name} has no test"


def test_the_dashboard_is_well_formed():
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert 0 <= place["x"] and place["x"] + place["w"] <= 24, panel["title"]
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${datasource}" and panel["description"]
            assert panel["targets"], panel["title"]
    cells = [(x, y) for panel in panels for place in [panel["gridPos"]]
             for x in range(place["x"], place["x"] + place["w"])
             for y in range(place["y"], place["y"] + place["h"])]
    assert len(set(cells)) == len(cells), "panels overlap"
    shown = {name for _, expression in dashboard_queries()
             for name in re.findall(r"rowferry_[a-z_]+", expression)}
    shown = {re.sub(r"_bucket$", "", name) for name in shown}
    assert shown == set(FAMILIES), "every family is shown"


@pytest.mark.timeout(180)
def test_every_query_returns_data(daemon, prometheus):
    instance = f"127.0.0.1:{daemon.port}"
    prometheus.scrape(instance)
    own = f'{{instance="{instance}"}}'
    wait_until(lambda: prometheus.query(f"rate(rowferry_rows_written_total{own}[20s]) > 0"), 30,
               "rows that Prometheus has seen")
    time.sleep(5)  # some scrapes and evaluations more
    for panel, expression in dashboard_queries():
        samples = prometheus.query(with_variables(expression, instance))
        assert samples, f"{panel}: no data from {expression}"
        numbers = [number for number in values(samples) if not math.isnan(number)]
        assert numbers, f"{panel}: only NaN from {expression}"
    for variable in json.loads(DASHBOARD.read_text(encoding="utf-8"))["templating"]["list"]:
        if variable["type"] == "query":
            selector = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"])
            samples = prometheus.query(with_variables(selector.group(1), instance))
            assert all(selector.group(2) in sample["metric"] for sample in samples) and samples
    check_rules(daemon, prometheus, instance)
    assert daemon.stop() == 0
    wait_until(lambda: values(prometheus.query(f'up{{instance="{instance}"}}')) == [0], 20,
               "a target that is down")
    assert prometheus.query(expression_of(prometheus, "RowferryDown"))


def expression_of(prometheus, name):
    return next(rule["query"] for rule in prometheus.rules() if rule["name"] == name)


def check_rules(daemon, prometheus, instance):
    loaded = prometheus.rules()
    assert {rule["name"] for rule in loaded if rule["type"] == "alerting"} >= QUIET | set(EXPECTED)
    for rule in loaded:
        assert rule["health"] == "ok", rule
        samples = [sample for sample in prometheus.query(rule["query"])
                   if sample["metric"].get("instance") in (instance, None)]
        if rule["type"] == "recording":
            recorded = prometheus.query(f'{rule["name"]}{{instance="{instance}"}}')
            assert samples and recorded, f"{rule['name']}: no data"
        elif rule["name"] in EXPECTED:
            jobs = {sample["metric"]["job"] for sample in samples}
            assert EXPECTED[rule["name"]] in jobs, f"{rule['name']}: {samples}; {daemon.tail()}"
            assert "moving" not in jobs, rule["name"]
        elif rule["name"] == "RowferryConnectionDown":
            assert [sample["metric"]["connection"] for sample in samples] == ["away"]
        elif rule["name"] in QUIET:
            assert not samples, f"{rule['name']}: {samples}"
