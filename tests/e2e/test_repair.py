"""What an operator repairs through the API: checkpoints, and dead letters that are replayed."""

import json

import pytest

from harness.environment import wait_until

MAPPING = {"mappings": {"dynamic": False, "properties": {"number": {"type": "integer"}}}}


@pytest.fixture
def table(database):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, number text, "
                     "updated_at timestamptz NOT NULL DEFAULT now());"
                     "INSERT INTO t SELECT n, n::text FROM generate_series(1, 50) n")
    return database


@pytest.fixture
def make_job(table, make_sink, make_daemon, tmp_path):
    def make(sink="elasticsearch", more=""):
        mapping = tmp_path / "index.json"
        mapping.write_text(json.dumps(MAPPING), encoding="utf-8")
        target = make_sink(sink, job="one")
        config = f", index_config: {mapping}" if sink != "file" else ""
        daemon = make_daemon(
            f"  shop: {{type: postgres, dsn: \"{table.dsn}\"}}\n" + target.connection(),
            f"  one:\n    source: {{connection: shop, table: t, cursor: updated_at{more}}}\n"
            f"    sink: {target.sink(config)}\n    schedule: {{fetch_delay: 200ms}}\n")
        daemon.start()
        wait_until(lambda: daemon.job("one")["lag_seconds"] is not None, 20, daemon.tail())
        return daemon, target
    return make


def letters(daemon, reason=None):
    query = f"&reason={reason}" if reason else ""
    found = daemon.get(f"/v1/jobs/one/dead-letters?limit=1000{query}")["items"]
    return {letter["key"]["id"]: letter for letter in found}


def replay(daemon, reason=None):
    parameters = {"reason": reason} if reason else {}
    answer = daemon.call("POST", "/v1/jobs/one/dead-letters/replay", params=parameters)
    assert answer.status_code == 202, answer.text
    assert answer.json()["type"] == "replay"
    run = daemon.wait_for_run(answer.json()["id"])
    assert run["state"] == "succeeded", run
    return run


def refuse_some(daemon, table):
    table.execute("UPDATE t SET number = 'x' || id, updated_at = now() WHERE id <= 5")
    wait_until(lambda: len(letters(daemon)) == 5, 20, daemon.tail())


def test_a_replay_sends_what_the_rows_are_now(make_job, table):
    daemon, index = make_job()
    refuse_some(daemon, table)
    before = daemon.get("/v1/jobs/one/checkpoint")["position"]
    # Not bumped: no poll sees it.
    table.execute("UPDATE t SET number = '77' WHERE id = 1; DELETE FROM t WHERE id = 2")
    run = replay(daemon)
    assert (run["rows_written"], run["rows_deleted"], run["rows_rejected"]) == (1, 1, 3)
    assert index.document("1")["number"] == "77"
    assert index.document("2") is None
    assert set(letters(daemon)) == {3, 4, 5}
    assert all(letter["tries"] == 2 for letter in letters(daemon).values())
    assert daemon.get("/v1/jobs/one/checkpoint")["position"] == before
    assert daemon.metric("rowferry_runs_total", job="one", type="replay", outcome="succeeded") == 1
    assert daemon.metric("rowferry_dead_letters", job="one") == 3


def test_a_replay_never_overwrites_a_newer_state(make_job, table):
    daemon, index = make_job()
    refuse_some(daemon, table)
    table.execute("UPDATE t SET number = '500', updated_at = now() WHERE id = 3")
    wait_until(lambda: index.document("3")["number"] == "500", 20, daemon.tail())
    assert 3 not in letters(daemon)
    replay(daemon)
    assert index.document("3")["number"] == "500"


def test_letters_by_their_reason(make_job, table):
    daemon, _ = make_job()
    refuse_some(daemon, table)
    assert replay(daemon, "no such reason")["rows_read"] == 0
    answer = daemon.call("DELETE", "/v1/jobs/one/dead-letters", params={"reason": "no such reason"})
    assert answer.json() == {"dropped": 0}
    assert daemon.call("DELETE", "/v1/jobs/one/dead-letters").json() == {"dropped": 5}
    assert letters(daemon) == {}
    assert daemon.metric("rowferry_dead_letters", job="one") == 0
    assert daemon.call("DELETE", "/v1/jobs/none/dead-letters").status_code == 404
    assert daemon.call("POST", "/v1/jobs/none/dead-letters/replay").status_code == 404


def test_a_replay_of_rows_that_left_the_condition(make_job, table):
    daemon, index = make_job(more=", where: \"id <> 4\"")
    table.execute("UPDATE t SET number = 'x', updated_at = now() WHERE id IN (6, 7)")
    wait_until(lambda: len(letters(daemon)) == 2, 20, daemon.tail())
    table.execute("UPDATE t SET id = 1006 WHERE id = 6; UPDATE t SET number = '9' WHERE id = 7")
    run = replay(daemon)
    assert (run["rows_written"], run["rows_deleted"]) == (1, 1)
    assert index.document("6") is None and index.document("7")["number"] == "9"


@pytest.mark.parametrize("sink", ["elasticsearch", "file"])
def test_a_checkpoint_that_is_put_back(sink, make_job, table):
    daemon, target = make_job(sink)
    first = daemon.call("GET", "/v1/jobs/one/checkpoint")
    assert daemon.call("PUT", "/v1/jobs/one/checkpoint", json=first.json()).status_code == 409
    assert daemon.call("DELETE", "/v1/jobs/one/checkpoint").status_code == 409
    table.execute("UPDATE t SET number = '8', updated_at = now() WHERE id <= 7")
    wait_until(lambda: daemon.job("one")["totals"]["rows_written"] == 57, 20, daemon.tail())
    assert daemon.call("PUT", "/v1/jobs/one/pause").json()["state"] == "paused"
    if sink == "elasticsearch":
        answer = daemon.call("PUT", "/v1/jobs/one/checkpoint", data=first.content,
                             headers={"Content-Type": "application/json"})
        assert answer.status_code == 200, answer.text
        assert daemon.get("/v1/jobs/one/checkpoint") == first.json()
        daemon.call("PUT", "/v1/jobs/one/resume")
        wait_until(lambda: daemon.job("one")["totals"]["rows_written"] == 57, 20, daemon.tail())
    assert daemon.call("PUT", "/v1/jobs/one/pause").status_code == 200
    assert daemon.call("DELETE", "/v1/jobs/one/checkpoint").status_code == 204
    assert daemon.call("GET", "/v1/jobs/one/checkpoint").json() is None
    daemon.call("PUT", "/v1/jobs/one/resume")
    wait_until(lambda: daemon.job("one")["totals"]["rows_written"] == 50, 20, daemon.tail())
    assert len(target.rows()) == 50


def changed(checkpoint, **members):
    made = json.loads(json.dumps(checkpoint))
    made.update(members)
    return made


def test_wrong_checkpoints_change_nothing(make_job):
    daemon, _ = make_job()
    good = daemon.get("/v1/jobs/one/checkpoint")
    daemon.call("PUT", "/v1/jobs/one/pause")
    wrong = [{}, [], "x", 7, None, {"units": []}, {"units": {"": {}}}, changed(good, more=1),
             changed(good, run_seq=-1), changed(good, run_seq="1"), changed(good, complete="yes"),
             changed(good, totals={}), changed(good, position={"nonsense": 1, "done": 5}),
             changed(good, position="text"), changed(good, definition=None),
             {key: value for key, value in good.items() if key != "receipt"}]
    for body in wrong:
        answer = daemon.call("PUT", "/v1/jobs/one/checkpoint", json=body)
        assert answer.status_code == 400, (body, answer.text)
        assert answer.json()["detail"]
    for text in ("", "{", "\xff"):
        answer = daemon.call("PUT", "/v1/jobs/one/checkpoint", data=text.encode("latin-1"),
                             headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, answer.text
    assert daemon.get("/v1/jobs/one/checkpoint") == good
