"""A login role of one test, for what a superuser never meets."""

from harness import environment


class Role:
    """A role that may connect over TCP with a password; `with` drops it at the end."""

    def __init__(self, database, password="right"):
        self.database = database
        self.name = f"reader_{database.name}"
        self.password = password

    def __enter__(self):
        self.database.execute(f"CREATE ROLE {self.name} LOGIN PASSWORD '{self.password}'")
        return self

    def __exit__(self, *_):
        self.database.execute(f"DROP OWNED BY {self.name}")
        self.database.execute(f"DROP ROLE {self.name}")

    def grant(self, what):
        self.database.execute(f"GRANT {what} TO {self.name}")

    def dsn(self, password=None):
        """The connection string, as the configuration takes it."""
        server = environment.required("ROWFERRY_TEST_POSTGRES_TCP").split()
        address = [word for word in server if word.startswith(("host=", "port="))]
        return " ".join(address + [f"dbname={self.database.name}", f"user={self.name}",
                                   f"password={password or self.password}"])
