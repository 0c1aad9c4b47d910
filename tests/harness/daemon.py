"""The daemon as a process: started, looked at through its API, stopped and killed."""

import os
import signal
import socket
import subprocess
import time

import requests

from harness import environment


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Daemon:
    """`rowferry serve` on a configuration of its own. `jobs` and `connections` are YAML blocks."""

    def __init__(self, folder, connections, jobs, extra="", store="sqlite"):
        self.folder = folder
        self.port = free_port()
        self.config = folder / "rowferry.yaml"
        self.log = folder / "daemon.log"
        self.process = None
        state = "state.db" if store == "sqlite" else "state.yaml"
        self.config.write_text(
            "daemon:\n"
            f"  listen: 127.0.0.1:{self.port}\n"
            f"  state: {{store: {store}, path: {folder}/{state}}}\n"
            f"{extra}"
            f"connections:\n{connections}"
            f"jobs:\n{jobs}", encoding="utf-8")

    def start(self, failpoint=None, wait=True):
        """Starts the process; with `wait` until its API answers."""
        variables = dict(os.environ)
        variables.pop("ROWFERRY_FAILPOINT", None)
        if failpoint:
            variables["ROWFERRY_FAILPOINT"] = failpoint
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [environment.binary(), "serve", "--config", str(self.config)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=variables)
        if wait:
            environment.wait_until(self._answers, 20, f"livez; the log: {self.tail()}")

    def _answers(self):
        assert self.process.poll() is None, f"the daemon ended:\n{self.tail()}"
        try:
            return requests.get(self.url("/livez"), timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def tail(self):
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def get(self, path):
        answer = requests.get(self.url(path), timeout=10)
        answer.raise_for_status()
        return answer.json()

    def call(self, method, path, **options):
        """The raw answer of the API."""
        return requests.request(method, self.url(path), timeout=10, **options)

    def job(self, name):
        return self.get(f"/v1/jobs/{name}")

    def metric(self, name, **labels):
        """The value of one sample of /metrics; None when it is not there."""
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        text = requests.get(self.url("/metrics"), timeout=10).text
        for line in text.splitlines():
            head, _, value = line.rpartition(" ")
            family, _, inside = head.partition("{")
            if family == name and wanted <= set(inside.rstrip("}").split(",")):
                return float(value)
        return None

    def sync(self, job, seconds=60):
        """Asks for a run and waits for its end; returns the run."""
        answer = self.call("POST", f"/v1/jobs/{job}/runs", json={"type": "sync"})
        assert answer.status_code == 202, answer.text
        return self.wait_for_run(answer.json()["id"], seconds)

    def wait_for_run(self, identity, seconds=60):
        def ended():
            run = self.get(f"/v1/runs/{identity}")
            return run if run["finished_at"] else None
        return environment.wait_until(ended, seconds, f"run {identity}; the log: {self.tail()}")

    def stop(self, seconds=40):
        """SIGTERM; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self):
        """SIGKILL, as the kernel's memory killer does it."""
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait(20)

    def wait_for_death(self, seconds):
        """Waits until the process ended by itself; False when it still lives."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                return True
            time.sleep(0.02)
        return False

    def memory_peak_kib(self):
        """The largest resident size so far."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM"):
                    return int(line.split()[1])
        return 0

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
