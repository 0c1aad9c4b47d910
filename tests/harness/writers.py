"""Concurrent editors of one table that do everything by which polling tools lose rows: long and
prepared transactions, savepoints, plpgsql EXCEPTION blocks, rollbacks, contention on one row, and
stamps made by the client up to two seconds early."""

import random
import threading
import time

import psycopg2

SCHEMA = """
CREATE TABLE item (
  id bigint PRIMARY KEY,
  value bigint NOT NULL,
  payload text,
  amount numeric,
  facts jsonb,
  updated_at timestamptz NOT NULL
);
CREATE INDEX item_updated_at ON item (updated_at, id);
CREATE TABLE item_gone (id bigint NOT NULL, deleted_at timestamptz NOT NULL);
CREATE INDEX ON item_gone (deleted_at, id);
CREATE FUNCTION put_item(item_id bigint, new_value bigint, stamp timestamptz, fails boolean)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    INSERT INTO item
    VALUES (item_id, new_value, 'block', new_value / 7.0, '{"in": "block"}', stamp);
  EXCEPTION WHEN unique_violation THEN
    UPDATE item SET value = new_value, payload = 'exception', updated_at = stamp WHERE id = item_id;
  END;
  IF fails THEN
    BEGIN
      UPDATE item SET value = -1, updated_at = stamp WHERE id = item_id;
      RAISE EXCEPTION 'undone';
    EXCEPTION WHEN raise_exception THEN
      NULL;
    END;
  END IF;
END $$;
"""


class Writer(threading.Thread):
    """One editor with its own random numbers; repeats transactions until it is told to stop."""

    def __init__(self, dsn, number, seed, keys):
        super().__init__(daemon=True)
        self.dsn = dsn
        self.number = number
        self.random = random.Random(f"{seed}-{number}")
        self.keys = keys
        self.client_stamps = number % 2 == 0
        self.stopping = threading.Event()
        self.failure = None
        self.transactions = 0

    def run(self):
        while not self.stopping.is_set():
            try:
                connection = psycopg2.connect(self.dsn)
            except psycopg2.OperationalError:
                time.sleep(0.2)
                continue
            try:
                while not self.stopping.is_set():
                    self._transaction(connection)
                    self.transactions += 1
            except Exception as error:  # kept for the test, which fails with it
                if not self._lost(error):
                    self.failure = error
                    return
                time.sleep(0.2)
            finally:
                connection.close()

    @staticmethod
    def _lost(error):
        """Whether the server went away, which some tests do on purpose; psycopg2 says it with one
        of three classes."""
        return isinstance(error, (psycopg2.OperationalError, psycopg2.InterfaceError)) or (
            type(error) is psycopg2.DatabaseError)

    def _stamp(self, connection):
        """The stamp: the transaction's own time, or the client's clock up to two seconds early."""
        if not self.client_stamps:
            return "now()"
        with connection.cursor() as cursor:
            cursor.execute("SELECT (clock_timestamp() - %s * interval '1 s')::text",
                           (self.random.random() * 2,))
            return f"'{cursor.fetchone()[0]}'"

    def _key(self):
        """Often one of a few keys that everybody wants."""
        return self.random.randint(1, 5 if self.random.random() < 0.2 else self.keys)

    def _put(self, cursor, stamp):
        cursor.execute(
            f"""INSERT INTO item VALUES (%s, %s, %s, %s, %s, {stamp})
                ON CONFLICT (id) DO UPDATE SET value = excluded.value, payload = excluded.payload,
                  updated_at = excluded.updated_at""",
            (self._key(), self.random.randint(0, 10**12), "π \\ \" \n" * self.random.randint(0, 3),
             self.random.random(), '{"writer": %d}' % self.number))

    def _transaction(self, connection):
        kind = self.random.random()
        try:
            with connection.cursor() as cursor:
                stamp = self._stamp(connection)
                if kind < 0.35:
                    self._put(cursor, stamp)
                elif kind < 0.5:
                    self._savepoints(cursor, stamp)
                elif kind < 0.65:
                    cursor.execute(f"SELECT put_item(%s, %s, {stamp}, %s)",
                                   (self._key(), self.random.randint(0, 10**12),
                                    self.random.random() < 0.5))
                elif kind < 0.75:
                    self._put(cursor, stamp)
                    connection.rollback()
                elif kind < 0.88:
                    self._put(cursor, stamp)
                    time.sleep(self.random.random() * self.random.choice([0.05, 0.05, 1.5]))
                    self._put(cursor, stamp)
                else:
                    self._prepared(connection, cursor, stamp)
            connection.commit()
        except (psycopg2.errors.DeadlockDetected, psycopg2.errors.SerializationFailure,
                psycopg2.errors.LockNotAvailable):
            connection.rollback()

    def _savepoints(self, cursor, stamp):
        self._put(cursor, stamp)
        for depth in range(self.random.randint(1, 4)):
            cursor.execute(f"SAVEPOINT s{depth}")
            self._put(cursor, stamp)
            if self.random.random() < 0.4:
                cursor.execute(f"ROLLBACK TO SAVEPOINT s{depth}")

    def _prepared(self, connection, cursor, stamp):
        """A two-phase commit with a pause in the middle."""
        # Away from the keys that everybody wants: a prepared transaction holds its locks.
        cursor.execute(
            f"""INSERT INTO item VALUES (%s, %s, 'prepared', 1, '{{}}', {stamp})
                ON CONFLICT (id) DO UPDATE SET value = excluded.value, payload = excluded.payload,
                  updated_at = excluded.updated_at""",
            (self.keys + self.number * 1000 + self.random.randint(1, 50),
             self.random.randint(0, 10**12)))
        identity = f"writer-{self.number}-{self.transactions}-{self.random.randint(0, 10**9)}"
        cursor.execute("PREPARE TRANSACTION %s", (identity,))
        connection.commit()
        time.sleep(self.random.random() * 0.5)
        connection.autocommit = True
        try:
            verb = "COMMIT" if self.random.random() < 0.8 else "ROLLBACK"
            cursor.execute(f"{verb} PREPARED %s", (identity,))
        finally:
            connection.autocommit = False


class SilentWriter(Writer):
    """Updates rows without moving their stamp, or moves it far back: no poll can see that."""

    def _transaction(self, connection):
        with connection.cursor() as cursor:
            stamp = self.random.choice(["updated_at", "now() - interval '1 hour'", "'2020-01-01'"])
            if self.random.random() < 0.5:
                cursor.execute("SAVEPOINT silent")
            for _ in range(self.random.randint(1, 3)):
                cursor.execute(f"UPDATE item SET value = %s, payload = 'silent', "
                               f"updated_at = {stamp} WHERE id = %s",
                               (self.random.randint(0, 10**12), self.random.randint(6, self.keys)))
            time.sleep(self.random.random() * self.random.choice([0.02, 0.3]))
        connection.rollback() if self.random.random() < 0.1 else connection.commit()


class Undertaker(Writer):
    """Deletes rows, keeps their keys as tombstones in the same transaction, and sometimes puts the
    row back at once."""

    def _transaction(self, connection):
        with connection.cursor() as cursor:
            stamp = self._stamp(connection)
            key = self.random.randint(6, self.keys)
            cursor.execute(f"WITH gone AS (DELETE FROM item WHERE id = %s RETURNING id) "
                           f"INSERT INTO item_gone SELECT id, {stamp} FROM gone", (key,))
            if self.random.random() < 0.3:
                cursor.execute(f"INSERT INTO item VALUES (%s, 0, 'again', 0, '{{}}', {stamp}) "
                               "ON CONFLICT DO NOTHING", (key,))
            time.sleep(self.random.random() * self.random.choice([0.02, 0.3]))
        connection.rollback() if self.random.random() < 0.1 else connection.commit()


class Writers:
    """A set of editors; `with` starts and stops them. `more`: classes of further ones."""

    def __init__(self, database, count=12, seed=None, keys=800, more=()):
        self.seed = seed if seed is not None else random.randrange(10**9)
        print(f"writers' seed: {self.seed}")
        self.database = database
        kinds = [Writer] * count + list(more)
        self.threads = [kind(database.dsn, number, self.seed, keys)
                        for number, kind in enumerate(kinds)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def transactions(self):
        return sum(thread.transactions for thread in self.threads)

    def stop(self):
        """Ends all editors; whatever they left prepared is committed."""
        for thread in self.threads:
            thread.stopping.set()
        for thread in self.threads:
            thread.join(30)
        failures = [thread.failure for thread in self.threads if thread.failure]
        assert not failures, failures
        connection = self.database.connect()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()")
            for (identity,) in cursor.fetchall():
                cursor.execute("COMMIT PREPARED %s", (identity,))
        connection.close()
