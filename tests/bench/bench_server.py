"""The PostgreSQL of the benches, its table, and psql as the baseline."""

import os
import pathlib
import subprocess

import psycopg2

import measuring

TREE = pathlib.Path(__file__).resolve().parents[2]
BINARIES = pathlib.Path("/usr/lib/postgresql/15/bin")
SERVICE = TREE / "tests/services/postgres"
FOLDER = os.environ.get("ROWFERRY_BENCH_FOLDER", "/tmp/rowferry-bench")
PORT = os.environ.get("ROWFERRY_BENCH_PORT", "25433")
SERVER = f"host={FOLDER}/postgres/socket port={PORT} user=postgres"
# 315 bytes a row on the wire.
TABLE = """
CREATE TABLE act AS SELECT i::bigint AS id,
  timestamptz '2026-01-01' + i * interval '1 second' AS updated_at, (i %% 1000)::int AS kind,
  (i * 1.37)::numeric(12, 2) AS amount, rpad(md5(i::text), 60, 'x') AS title,
  jsonb_build_object('a', i, 'b', md5(i::text), 'c', jsonb_build_array(1, 2, 3),
                     'd', repeat('y', 60)) AS payload,
  md5(i::text)::uuid AS token, i %% 2 = 0 AS active,
  CASE WHEN i %% 3 = 0 THEN 'note ' || i END AS note, CASE WHEN i %% 4 = 0 THEN i END AS parent,
  CASE WHEN i %% 5 = 0 THEN timestamptz '2026-02-01' END AS closed_at,
  CASE WHEN i %% 7 = 0 THEN i / 3.0::float8 END AS score
FROM generate_series(1, %s) i;
ALTER TABLE act ADD PRIMARY KEY (id);
CREATE INDEX act_updated_at ON act (updated_at, id);
"""


class BenchServer:
    """A server of its own (2 GB of shared_buffers: everything is cached), stopped at the end."""

    def __enter__(self):
        self.call("start")
        self.process = int(pathlib.Path(FOLDER, "postgres/data/postmaster.pid").read_text("ascii")
                           .split()[0])
        return self

    def __exit__(self, *_):
        self.call("stop")

    @staticmethod
    def call(verb):
        variables = dict(os.environ, ROWFERRY_SERVICES_DIR=FOLDER, ROWFERRY_POSTGRES_PORT=PORT,
                         ROWFERRY_POSTGRES_SHARED_BUFFERS="2GB")
        subprocess.run([str(SERVICE), verb], check=True, env=variables, stdout=subprocess.DEVNULL)

    @property
    def version(self):
        return self.execute(f"{SERVER} dbname=postgres", "SHOW server_version")

    @staticmethod
    def execute(dsn, sql, parameters=None):
        """The first value of a statement's answer, if it has one."""
        connection = psycopg2.connect(dsn)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchone()[0] if cursor.description else None
        finally:
            connection.close()

    def table(self, rows):
        """The address of a database with `rows` rows in `act`, made on first use; in memory."""
        name = f"bench_{rows}"
        dsn = f"{SERVER} dbname={name}"
        admin = f"{SERVER} dbname=postgres"
        if not self.execute(admin, "SELECT count(*) FROM pg_database WHERE datname = %s", (name,)):
            self.execute(admin, f"CREATE DATABASE {name}")
            self.execute(dsn, TABLE, (rows,))
            self.execute(dsn, "CREATE EXTENSION pg_prewarm")
        self.execute(dsn, "VACUUM (ANALYZE) act")
        self.execute(dsn, "CHECKPOINT")
        for relation in ("act", "act_pkey", "act_updated_at"):
            self.execute(dsn, f"SELECT pg_prewarm('{relation}')")
        return dsn

    def psql(self, dsn, sql, rows):
        """A run of psql whose output goes to /dev/null."""
        run = measuring.run_command([BINARIES / "psql", "-X", "-q", dsn, "-c", sql], [self.process],
                                    output="/dev/null")
        run.rows = rows
        return run
