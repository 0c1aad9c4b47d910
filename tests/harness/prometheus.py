"""The real Prometheus: daemons are given to it, and it is asked."""

import json
import pathlib
import uuid

import requests

from harness import environment


class Prometheus:
    """Scrapes the daemons that it was given, until `close`."""

    def __init__(self):
        self.url = environment.required("ROWFERRY_TEST_PROMETHEUS")
        folder = pathlib.Path(environment.required("ROWFERRY_TEST_PROMETHEUS_TARGETS"))
        self.targets = folder / f"{uuid.uuid4().hex}.json"

    def scrape(self, *addresses):
        """Replaces the daemons, each HOST:PORT."""
        new = self.targets.with_suffix(".new")
        new.write_text(json.dumps([{"targets": list(addresses)}]), encoding="utf-8")
        new.rename(self.targets)

    def close(self):
        self.targets.unlink(missing_ok=True)

    def query(self, expression):
        """The samples of an instant query; fails when the expression is wrong."""
        answer = requests.get(f"{self.url}/api/v1/query", params={"query": expression}, timeout=10)
        body = answer.json()
        assert body["status"] == "success", f"{expression}: {body.get('error')}"
        return body["data"]["result"]

    def rules(self):
        """Every rule that is loaded."""
        groups = requests.get(f"{self.url}/api/v1/rules", timeout=10).json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]
