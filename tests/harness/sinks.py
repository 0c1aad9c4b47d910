"""What a sink holds now, read from outside."""

import hashlib
import json
import uuid

import requests

from harness import environment
from harness.database import Database


class SearchIndex:
    """An index of its own on Elasticsearch or OpenSearch."""

    def __init__(self, server):
        self.url = environment.required(
            {"elasticsearch": "ROWFERRY_TEST_ELASTICSEARCH",
             "opensearch": "ROWFERRY_TEST_OPENSEARCH"}[server])
        self.server = server
        self.name = "test-" + uuid.uuid4().hex[:12]

    def request(self, method, path, **options):
        answer = requests.request(method, f"{self.url}/{self.name}{path}", timeout=60, **options)
        assert answer.status_code < 400 or answer.status_code == 404, answer.text
        return answer

    def rows(self):
        """All documents by id."""
        if self.request("POST", "/_refresh").status_code == 404:
            return {}
        found = {}
        page = self.request("POST", "/_search?scroll=1m",
                            json={"size": 5000, "sort": ["_doc"]}).json()
        while page["hits"]["hits"]:
            found.update({hit["_id"]: hit["_source"] for hit in page["hits"]["hits"]})
            page = requests.post(f"{self.url}/_search/scroll", timeout=60,
                                 json={"scroll": "1m", "scroll_id": page["_scroll_id"]}).json()
        requests.delete(f"{self.url}/_search/scroll", timeout=60,
                        json={"scroll_id": page["_scroll_id"]})
        return found

    def document(self, identity):
        answer = self.request("GET", f"/_doc/{identity}")
        return answer.json().get("_source") if answer.status_code == 200 else None

    def connection(self, url=None):
        return f"  search: {{type: elasticsearch, urls: [\"{url or self.url}\"]}}\n"

    def sink(self, more=""):
        return f"{{connection: search, index: {self.name}{more}}}"

    def drop(self):
        requests.delete(f"{self.url}/{self.name}", timeout=60)


class Folder:
    """A change log of NDJSON objects, read as the manifests say: the last by (run_seq, part, row)
    wins."""

    def __init__(self, folder, job):
        self.folder = folder
        self.job = job
        folder.mkdir(parents=True, exist_ok=True)

    def connection(self):
        return f"  disk: {{type: file, path: {self.folder}}}\n"

    def sink(self, more=""):
        return ("{connection: disk, format: ndjson, change_columns: true, "
                f"key: \"{{job}}/{{run_seq:06}}-{{part:04}}.ndjson\"{more}}}")

    def manifests(self):
        """The manifests of all finished runs, in the order of their numbers."""
        found = []
        for path in self.folder.glob(f"{self.job}/_manifest-*.json"):
            manifest = json.loads(path.read_text(encoding="utf-8"))
            found.append(manifest)
        return sorted(found, key=lambda manifest: manifest["run_seq"])

    def objects(self):
        """The contents of all objects that manifests name, checked against their digests."""
        for manifest in self.manifests():
            for entry in manifest["objects"]:
                content = (self.folder / entry["key"]).read_bytes()
                assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry
                assert len(content) == entry["bytes"], entry
                lines = content.decode("utf-8").splitlines()
                assert len(lines) == entry["rows"], entry
                yield from lines

    def rows(self, key="id"):
        found = {}
        for line in self.objects():
            row = json.loads(line)
            operation = row.pop("_op")
            row.pop("_sequence")
            if operation == "delete":
                found.pop(str(row[key]), None)
            else:
                found[str(row[key])] = row
        return found

    def drop(self):
        """The folder is the test's own and goes with it."""


class Table:
    """A table in a database of its own, on the same server as the source."""

    def __init__(self, table="item"):
        self.database = Database()
        self.table = table

    def connection(self):
        return f"  target: {{type: postgres, dsn: \"{self.database.dsn}\"}}\n"

    def sink(self, more=""):
        return f"{{connection: target, table: {self.table}{more}}}"

    def rows(self, key="id"):
        if self.database.value("SELECT to_regclass(%s) IS NULL", (self.table,)):
            return {}
        return self.database.table_as_json(self.table, key)

    def drop(self):
        self.database.drop()
