"""Times of processes: wall, processor of the client and of the servers, peak memory, and what
others on the machine used meanwhile. Linux only: it reads /proc."""

import dataclasses
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")
# A run beside which others used more than this share of one processor is made again.
OTHERS_MAX = 0.25
ATTEMPTS_MAX = 4


@dataclasses.dataclass
class Run:
    """One measured run. `checksum` is equal for all right runs of a row of the table."""
    wall: float
    processor: float = 0.0
    server: float = 0.0
    peak_mib: float = 0.0
    rows: int = 0
    bytes: int = 0
    checksum: object = None
    others: float = 0.0
    output: bytes = b""

    @property
    def rows_per_second(self):
        return self.rows / self.wall


def stat_fields(pid):
    """The fields of /proc/PID/stat behind the name; None when the process is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def children(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(word) for word in task.read_text("ascii").split()]
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def tree_seconds(pid):
    """Processor seconds of a process, its ended children and its living ones."""
    fields = stat_fields(pid)
    if fields is None:
        return 0.0
    own = sum(int(fields[index]) for index in (11, 12, 13, 14)) / TICKS
    return own + sum(tree_seconds(child) for child in children(pid))


def machine_seconds():
    """Processor seconds that everything on the machine has used since it started."""
    words = pathlib.Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()[1:]
    return sum(int(words[index]) for index in (0, 1, 2, 5, 6, 7)) / TICKS


def process_of(words):
    """The process id whose command line holds all of these words."""
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8",
                                                                                     "replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if all(word in line for word in words):
                return int(folder.name)
    raise RuntimeError(f"no process with {words}")


def peak_kib(pid):
    """The largest resident size so far of a process, and of its living children."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    own = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
    return sum(own) + sum(peak_kib(child) for child in children(pid))


class PeakWatch:
    """Looks at the size of a process twenty times a second. (What wait4 tells is no use: it holds
    the size of this program from before the exec.)"""

    def __init__(self, pid):
        self.pid = pid
        self.most = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while True:
            self.most = max(self.most, peak_kib(self.pid))
            if self.ended.wait(0.05):
                return

    def mib(self):
        self.ended.set()
        self.thread.join()
        return self.most / 1024


class Meter:
    """Measures while it is open, beside servers that are known by their process ids."""

    def __init__(self, servers):
        self.servers = servers

    def __enter__(self):
        self.server = sum(tree_seconds(pid) for pid in self.servers)
        self.harness = sum(os.times()[:2])
        self.machine = machine_seconds()
        self.began = time.monotonic()
        return self

    def __exit__(self, *_):
        self.wall = time.monotonic() - self.began
        self.server = sum(tree_seconds(pid) for pid in self.servers) - self.server
        self.harness = sum(os.times()[:2]) - self.harness
        self.machine = machine_seconds() - self.machine

    def others(self, processor):
        """The share of one processor that neither we nor the servers used."""
        return max(0.0, self.machine - self.server - self.harness - processor) / self.wall


def run_command(command, servers, environment=None, output=None):
    """Runs a command to its end. Its standard output is kept, or goes to `output` (a path)."""
    sink = open(output, "wb") if output else subprocess.PIPE
    with Meter(servers) as meter:
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                   stdout=sink, stderr=subprocess.PIPE, env=environment)
        peak = PeakWatch(process.pid)
        text = process.stdout.read() if process.stdout else b""
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
    peak_mib = peak.mib()
    process.returncode = os.waitstatus_to_exitcode(status)
    if output:
        sink.close()
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: "
                           f"{errors[-2000:].decode('utf-8', 'replace')}")
    processor = usage.ru_utime + usage.ru_stime
    return Run(wall=meter.wall, processor=processor, server=meter.server,
               peak_mib=peak_mib, others=meter.others(processor), output=text)


class Contender:
    """One side of a row: `run()` makes and checks one run. What it does before and after its own
    measured part (making an index, reading what was written) has no time. `before_repeat` makes a
    second attempt possible where a run uses up what it reads."""

    def __init__(self, name, run, before_repeat=None):
        self.name = name
        self.run = run
        self.before_repeat = before_repeat
        self.runs = []
        self.noisy = 0

    def warm_up(self):
        self.run()

    def measure(self):
        """A run during which the machine was quiet; the last attempt counts as it is."""
        for attempt in range(1, ATTEMPTS_MAX + 1):
            if attempt > 1 and self.before_repeat:
                self.before_repeat()
            made = self.run()
            if made.others <= OTHERS_MAX:
                break
            print(f"  {self.name}: others used {made.others:.2f} of a processor, attempt {attempt}",
                  file=sys.stderr, flush=True)
        self.noisy += made.others > OTHERS_MAX
        if self.runs and self.runs[0].checksum != made.checksum:
            raise RuntimeError(f"{self.name}: {made.checksum} is not {self.runs[0].checksum}")
        self.runs.append(made)
        print(f"  {self.name}: {made.wall:.3f} s", file=sys.stderr, flush=True)

    def median(self, member):
        return statistics.median(getattr(run, member) for run in self.runs)

    def per_million(self, member):
        """Seconds for a million rows."""
        return statistics.median(getattr(run, member) / run.rows * 1e6 for run in self.runs)

    def most(self, member):
        return max(getattr(run, member) for run in self.runs)


def alternate(contenders, rounds, before_round=None):
    """A B B A ..., after one discarded run of each: whatever drifts, drifts for all."""
    if before_round:
        before_round()
    for contender in contenders:
        contender.warm_up()
    for number in range(rounds):
        if before_round:
            before_round()
        for contender in contenders if number % 2 == 0 else reversed(contenders):
            contender.measure()


def ratios(left, right, member):
    """The ratio of each pair of runs that stood beside one another."""
    return [getattr(mine, member) / getattr(theirs, member)
            for mine, theirs in zip(left.runs, right.runs)]
