"""A proxy of our own in front of a server, with faults that a test asks for."""

import urllib.parse
import uuid

import requests

from harness import environment
from harness.daemon import free_port


class ToxicProxy:
    """Use with `with`; `url` is the server's URL through the proxy."""

    def __init__(self, url):
        self.control = environment.required("ROWFERRY_TEST_TOXIPROXY")
        self.name = "test-" + uuid.uuid4().hex[:12]
        self.target = urllib.parse.urlsplit(url).netloc
        self.port = free_port()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        answer = requests.post(f"{self.control}/proxies", timeout=10, json={
            "name": self.name, "listen": f"127.0.0.1:{self.port}", "upstream": self.target,
            "enabled": True})
        answer.raise_for_status()
        return self

    def __exit__(self, *_):
        requests.delete(f"{self.control}/proxies/{self.name}", timeout=10)

    def add(self, kind, **attributes):
        """Adds a toxic to what the server answers."""
        answer = requests.post(f"{self.control}/proxies/{self.name}/toxics", timeout=10, json={
            "name": kind, "type": kind, "stream": "downstream", "attributes": attributes})
        answer.raise_for_status()
