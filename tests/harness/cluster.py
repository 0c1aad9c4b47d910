"""PostgreSQL servers of a test's own: primaries and standbys that it may stop and promote."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from harness import environment
from harness.daemon import free_port
from harness.database import Database

PASSWORD = "a private password"


class Cluster(Database):
    """A server and its database `postgres`. With a `primary` it is a standby of that one. With
    `own_clock` its clock can be set."""

    def __init__(self, primary=None, own_clock=False):
        # The server's own user must get to it, other than to pytest's folders.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rowferry-cluster-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.variables = {
            "ROWFERRY_SERVICES_DIR": str(self.folder), "ROWFERRY_POSTGRES_PORT": str(self.port),
            "ROWFERRY_POSTGRES_PASSWORD": PASSWORD, "ROWFERRY_POSTGRES_SHARED_BUFFERS": "32MB"}
        if primary:
            self.variables["ROWFERRY_POSTGRES_STANDBY_OF"] = primary.dsn
        if own_clock:
            self.variables["ROWFERRY_POSTGRES_CLOCK"] = str(self.folder / "clock")
            self.set_clock("+0")
        self.control("start")

    @property
    def dsn(self):
        return (f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres "
                f"password='{PASSWORD}'")

    def control(self, verb):
        """A verb of tests/services/postgres: start, stop, kill, restart-immediate, promote."""
        script = pathlib.Path(environment.required("ROWFERRY_TEST_SERVICES")) / "postgres"
        subprocess.run([str(script), verb], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, timeout=180, env={**os.environ, **self.variables})

    def set_clock(self, offset):
        """`-1h`: an hour behind the true time."""
        clock = self.folder / "clock"
        clock.write_text(offset, encoding="utf-8")
        clock.chmod(0o644)

    def configure(self, **settings):
        """ALTER SYSTEM, and a reload."""
        connection = self.connect()
        connection.autocommit = True
        with connection.cursor() as cursor:
            for name, value in settings.items():
                cursor.execute(f"ALTER SYSTEM SET {name} = %s", (value,))
            cursor.execute("SELECT pg_reload_conf()")
        connection.close()

    def wait_for(self, primary, seconds=60):
        """Until this standby shows what the primary shows now."""
        end = primary.value("SELECT pg_current_wal_flush_lsn()")
        environment.wait_until(
            lambda: self.value("SELECT pg_last_wal_replay_lsn() >= %s", (end,)), seconds,
            f"the standby to replay {end}")

    def drop(self):
        try:
            self.control("stop")
        except subprocess.CalledProcessError:
            self.control("kill")
        shutil.rmtree(self.folder, ignore_errors=True)


def either(first, second):
    """A connection string that leads to whichever of two servers is a primary."""
    words = first.dsn.replace(f"port={first.port}", f"port={first.port},{second.port}")
    return words.replace("host=127.0.0.1", "host=127.0.0.1,127.0.0.1") + \
        " target_session_attrs=read-write connect_timeout=2"
