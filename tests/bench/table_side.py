"""PostgreSQL to PostgreSQL in the benches: ours beside two psql with a pipe between them."""

import our_side
import measuring
from bench_server import BINARIES, SERVER

TARGET = f"{SERVER} dbname=bench_target"
DIGEST = "SELECT count(*) || ' ' || sum(hashtextextended(t::text, 0)) FROM act t"


class Target:
    """An empty database that takes the table; dropped at the end."""

    def __init__(self, server, dsn):
        self.server = server
        self.dsn = dsn
        admin = f"{SERVER} dbname=postgres"
        server.execute(admin, "DROP DATABASE IF EXISTS bench_target WITH (FORCE)")
        server.execute(admin, "CREATE DATABASE bench_target")

    def close(self):
        self.server.execute(f"{SERVER} dbname=postgres", "DROP DATABASE bench_target WITH (FORCE)")

    def empty(self):
        """The table as ours would make it, without a row, and everything on disk."""
        self.server.execute(TARGET, "DROP SCHEMA IF EXISTS rowferry CASCADE")
        self.server.execute(TARGET, "DROP TABLE IF EXISTS act")
        self.server.execute(TARGET, """CREATE TABLE act (id bigint PRIMARY KEY,
            updated_at timestamptz, kind integer, amount numeric(12,2), title text, payload jsonb,
            token uuid, active boolean, note text, parent integer, closed_at timestamptz,
            score double precision)""")
        self.server.execute(TARGET, "CHECKPOINT")

    def proof(self, run, rows):
        run.checksum = self.server.execute(TARGET, DIGEST)
        if not run.checksum.startswith(f"{rows} "):
            raise RuntimeError(f"not {rows} rows: {run.checksum}")
        run.rows = rows
        return run

    def ours(self, rows):
        def run():
            self.empty()
            connection = f'{{type: postgres, dsn: "{TARGET}"}}'
            with our_side.Folder(self.dsn, connection, "{connection: out, table: act}") as folder:
                return self.proof(folder.run([self.server.process], rows), rows)
        return measuring.Contender("rowferry, 1 reader", run)

    def psql(self, rows):
        def run():
            self.empty()
            psql = f"{BINARIES}/psql -X -q"
            pipe = (f"{psql} '{self.dsn}' -c 'COPY act TO STDOUT (FORMAT binary)' | "
                    f"{psql} '{TARGET}' -c 'COPY act FROM STDIN (FORMAT binary)'")
            return self.proof(measuring.run_command(["bash", "-c", pipe], [self.server.process],
                                                    output="/dev/null"), rows)
        return measuring.Contender("`psql COPY binary \\| psql COPY binary`", run)
