"""Elasticsearch in the benches: the bytes that rowferry sends, recorded once, and sent again by a
bare client."""

import http.client
import http.server
import json
import os
import pathlib
import socketserver
import sys
import threading
import urllib.parse
import uuid

import requests

import measuring
import our_side

BARE_CLIENT = pathlib.Path(__file__).parent / "bare_bulk.py"
DROPPED_HEADERS = {"transfer-encoding", "connection", "content-length"}


class Search:
    """The real server that the tests use."""

    def __init__(self):
        self.url = os.environ["ROWFERRY_TEST_ELASTICSEARCH"]
        self.process = measuring.process_of(["org.elasticsearch", "-Des.path"])
        self.version = requests.get(self.url, timeout=10).json()["version"]["number"]

    def drop(self, index):
        requests.delete(f"{self.url}/{index}", timeout=60)

    def checksum(self, index):
        """(documents, sums over them): the same whatever their order."""
        requests.post(f"{self.url}/{index}/_refresh", timeout=120).raise_for_status()
        sums = {name: {"sum": {"field": name}} for name in ("id", "kind", "parent", "amount")}
        sums["notes"] = {"value_count": {"field": "note.keyword"}}
        answer = requests.post(f"{self.url}/{index}/_search", timeout=120, json={
            "size": 0, "track_total_hits": True, "aggs": sums}).json()
        found = answer["aggregations"]
        return (answer["hits"]["total"]["value"],
                *(round(found[name]["value"], 2) for name in sums))

    def definition(self, index):
        """What makes the same index again."""
        made = requests.get(f"{self.url}/{index}", timeout=30).json()[index]
        settings = made["settings"]["index"]
        for name in ("creation_date", "uuid", "version", "provided_name", "routing"):
            settings.pop(name, None)
        return {"settings": {"index": settings}, "mappings": made["mappings"]}


def our_folder(dsn, url, index, compression="gzip", concurrency=2):
    sink = (f"{{connection: out, index: {index}, compression: {compression}, "
            f"concurrency: {concurrency}}}")
    return our_side.Folder(dsn, f'{{type: elasticsearch, urls: ["{url}"]}}', sink)


class Recorder:
    """A proxy in front of the server that keeps the bodies of `_bulk` requests as they came."""

    def __init__(self, target):
        self.target = urllib.parse.urlsplit(target)
        self.bodies = []
        self.encoding = None
        self.path = None
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                recorder.forward(self)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = forward

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def forward(self, request):
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        if "_bulk" in request.path:
            self.bodies.append(body)
            self.encoding = request.headers.get("content-encoding")
            self.path = request.path
        link = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=120)
        headers = {name: value for name, value in request.headers.items()
                   if name.lower() not in DROPPED_HEADERS | {"host"}}
        link.request(request.command, request.path, body, headers)
        answer = link.getresponse()
        content = answer.read()
        request.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in DROPPED_HEADERS:
                request.send_header(name, value)
        length = answer.getheader("content-length") if request.command == "HEAD" else len(content)
        request.send_header("content-length", str(length or 0))
        request.end_headers()
        request.wfile.write(content)
        link.close()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class RecordedBulk:
    """The `_bulk` bodies of one first copy, in a folder, and the index that they are for."""

    def __init__(self, server, search, dsn, rows, folder):
        self.search = search
        self.index = "bench-" + uuid.uuid4().hex[:8]
        self.folder = folder
        recorder = Recorder(search.url)
        try:
            with our_folder(dsn, recorder.url, self.index) as ours:
                ours.run([server.process], rows)
        finally:
            recorder.close()
        self.definition = search.definition(self.index)
        self.checksum = search.checksum(self.index)
        if self.checksum[0] != rows:
            raise RuntimeError(f"{self.checksum[0]} documents, not {rows}")
        self.bytes = sum(map(len, recorder.bodies))
        for number, body in enumerate(recorder.bodies):
            (folder / f"{number:06}.bulk").write_bytes(body)
        (folder / "about.json").write_text(json.dumps({
            "url": search.url, "path": recorder.path, "encoding": recorder.encoding}), "utf-8")
        search.drop(self.index)

    def make_index(self):
        self.search.drop(self.index)
        answer = requests.put(f"{self.search.url}/{self.index}", json=self.definition, timeout=60)
        answer.raise_for_status()


def check(search, index, made, rows, expected):
    made.rows = rows
    made.checksum = search.checksum(index)
    search.drop(index)
    if made.checksum != expected:
        raise RuntimeError(f"{made.checksum} is not {expected}")
    return made


def bare_client(search, recorded, rows, concurrency=2):
    """Sends the same bytes with the same concurrency over connections that are kept alive."""
    def run():
        recorded.make_index()
        made = measuring.run_command([sys.executable, BARE_CLIENT, recorded.folder, concurrency],
                                     [search.process])
        made.bytes = recorded.bytes
        return check(search, recorded.index, made, rows, recorded.checksum)
    return measuring.Contender("the same bytes, bare keep-alive client", run)


def ours(server, search, recorded, dsn, rows):
    def run():
        # Both sides find their index made.
        recorded.make_index()
        with our_folder(dsn, search.url, recorded.index) as folder:
            made = folder.run([search.process, server.process], rows)
            return check(search, recorded.index, made, rows, recorded.checksum)
    return measuring.Contender("rowferry, concurrency 2", run)
