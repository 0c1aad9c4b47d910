"""Sends recorded `_bulk` bodies: what nobody who writes into the server can do faster.

    python3 bare_bulk.py FOLDER CONCURRENCY
"""

import http.client
import json
import pathlib
import sys
import threading
import urllib.parse


def main():
    folder, concurrency = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    about = json.loads((folder / "about.json").read_text("utf-8"))
    address = urllib.parse.urlsplit(about["url"])
    bodies = iter([path.read_bytes() for path in sorted(folder.glob("*.bulk"))])
    headers = {"content-type": "application/x-ndjson"}
    if about["encoding"]:
        headers["content-encoding"] = about["encoding"]
    taking = threading.Lock()
    failures = []

    def send():
        link = http.client.HTTPConnection(address.hostname, address.port, timeout=300)
        while True:
            with taking:
                body = next(bodies, None)
            if body is None:
                return
            link.request("POST", about["path"], body, headers)
            answer = link.getresponse()
            content = answer.read()
            if answer.status != 200 or b'"errors":false' not in content[:200]:
                failures.append(content[:500])
                return

    threads = [threading.Thread(target=send) for _ in range(concurrency)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit(f"refused: {failures[0]!r}")


if __name__ == "__main__":
    main()
