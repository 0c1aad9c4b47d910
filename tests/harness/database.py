"""A private database of one test on the shared server."""

import uuid

import psycopg2

from harness import environment


class Database:
    """Creates a database of its own; drops it at the end."""

    def __init__(self):
        self.name = "test_" + uuid.uuid4().hex[:12]
        self.server = environment.required("ROWFERRY_TEST_POSTGRES")
        self._admin(f'CREATE DATABASE {self.name}')

    @property
    def dsn(self):
        """The connection string, also as libpq takes it in a configuration."""
        words = [word for word in self.server.split() if not word.startswith("dbname=")]
        return " ".join(words + [f"dbname={self.name}"])

    def connect(self):
        return psycopg2.connect(self.dsn)

    def execute(self, sql, parameters=None):
        """Runs statements in a transaction of their own."""
        connection = self.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, parameters)
        finally:
            connection.close()

    def rows(self, sql, parameters=None):
        connection = self.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("SET TimeZone = 'UTC'")
                cursor.execute(sql, parameters)
                return cursor.fetchall()
        finally:
            connection.close()

    def value(self, sql, parameters=None):
        return self.rows(sql, parameters)[0][0]

    def table_as_json(self, table, key="id", where="true"):
        """The rows of a table as the server's own JSON, by the text of their key."""
        return dict(self.rows(f"SELECT {key}::text, to_jsonb(t) FROM {table} t WHERE {where}"))

    def run_script(self, path):
        """Runs an SQL script that controls its own transactions."""
        connection = self.connect()
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(path.read_text(encoding="utf-8"))
        finally:
            connection.close()

    def drop(self):
        for (transaction,) in self.rows("SELECT gid FROM pg_prepared_xacts "
                                        "WHERE database = current_database()"):
            connection = self.connect()
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK PREPARED %s", (transaction,))
            connection.close()
        self._admin(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def _admin(self, sql):
        connection = psycopg2.connect(self.server)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
        finally:
            connection.close()
