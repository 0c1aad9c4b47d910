"""Values of every kind of type go from PostgreSQL to PostgreSQL unchanged."""

import pytest

from harness.environment import command

ROWS = 10_000
# A type, an expression of n with random values, and extreme values.
TYPES = [
    ("boolean", "random() < 0.5", []),
    ("smallint", "(random() * 65535 - 32768)::int", [-32768, 32767]),
    ("integer", "(random() * 4294967295 - 2147483648)::bigint", [-2147483648, 2147483647]),
    ("bigint", "(random() * 1e18)::bigint - n", [-9223372036854775808, 9223372036854775807]),
    ("real", "(random() * power(10, n % 70 - 35))::real", ["NaN", "-Infinity", "1e-45", "-0"]),
    ("double precision", "random() * power(10, n % 600 - 300)",
     ["NaN", "Infinity", "5e-324", "-0"]),
    ("numeric", "(random() * power(10::numeric, n % 40))::numeric - n / 7.0",
     ["NaN", "Infinity", "1e-1000", "-1e5000", "1.0", "1.00", "0.000"]),
    ("numeric(20,5)", "(random() * 1e14 - 5e13)::numeric", ["0", "-999999999999999.99999"]),
    ("text", "repeat(chr(1 + n % 55000), n % 7) || chr(128512 + n % 70)",
     ["", "\\", "NULL", "\t\n\r\x01", "\U0010ffff", "'\"{},"]),
    ("varchar(30)", "left(md5(n::text), n % 31)", ["", "  "]),
    ("char(5)", "left(md5(n::text), n % 6)", ["", "a"]),
    ("name", "left(md5(n::text), n % 33)", [""]),
    ("bytea", "decode(repeat(md5(n::text), n % 5), 'hex')", [r"\x", r"\x00ff"]),
    ("uuid", "md5(n::text)::uuid", ["00000000-0000-0000-0000-000000000000"]),
    ("json", "('{ \"b\": ' || n || ', \"a\" : [1, 2 ]}')::json", ["null", '"\\u0000"', "[ ]"]),
    ("jsonb", "jsonb_build_object('n', n, 'm', md5(n::text))", ["null", "1e400", '""', "{}"]),
    ("date", "date '2000-01-01' + (random() * 1e6 - 5e5)::int",
     ["infinity", "-infinity", "4713-01-01 BC", "5874897-12-31"]),
    ("time", "time '00:00' + random() * interval '24 h'", ["24:00:00", "00:00:00.000001"]),
    ("timetz", "('12:' || n % 60 || ':00+0' || n % 10)::timetz", ["24:00:00-15:59:59"]),
    ("timestamp", "timestamp '2000-01-01' + (random() * 1e9 - 5e8) * interval '1 s'",
     ["infinity", "-infinity", "4713-01-01 BC", "294276-12-31 23:59:59.999999"]),
    ("timestamptz", "timestamptz '2000-01-01' + (random() * 1e9 - 5e8) * interval '1 s'",
     ["infinity", "-infinity", "4713-01-01 BC", "294276-12-31 23:59:59.999999+00"]),
    ("interval", "make_interval(n % 99, n % 40, 0, n % 70, 0, 0, random() * 1e6)",
     ["-178000000 years", "00:00:00.000001"]),
    ("integer[]", "ARRAY[n, NULL, -n]", ["{}", "{{1,2},{3,4}}", "[-2:0]={7,8,9}", "{NULL}"]),
    ("text[]", "ARRAY[md5(n::text), NULL, '', 'a,\"b']", ["{}", '{"NULL",NULL}', '{{a},{"\\\\"}}']),
    ("timestamptz[]", "ARRAY[timestamptz '2000-01-01' + n * interval '1 h']", ["{infinity}"]),
    ("numeric(9,2)[]", "ARRAY[n / 7.0, NULL]", ["{NaN}"]),
    ("inet", "('10.' || n % 256 || '.0.1/' || n % 33)::inet", ["::1", "255.255.255.255/0"]),
    ("cidr", "network(('10.' || n % 256 || '.0.0/16')::inet)", ["::/0"]),
    ("macaddr", "('08:00:2b:01:02:' || lpad(to_hex(n % 256), 2, '0'))::macaddr", []),
    ("int4range", "int4range(n, n + 5, '[]')", ["empty", "(,)", "[1,)"]),
    ("tstzrange", "tstzrange('2000-01-01', timestamptz '2000-01-01' + n * interval '1 h')",
     ["empty", "(-infinity,infinity)"]),
    ("bit varying(64)", "n::bit(32)::varbit", ["", "1"]),
    ("point", "point(random(), n)", ["(Infinity,NaN)"]),
    ("money", "(random() * 1e6)::numeric::money", ["-92233720368547758.08"]),
    ("tsvector", "to_tsvector('simple', md5(n::text) || ' it''s')", [""]),
    ("xml", "xmlelement(name a, n)", ["<a b='c'>&amp;</a>"]),
    ("mood", "(ARRAY['fine', 'so, so', 'bad']::mood[])[1 + n % 3]", []),
    ("pair", "ROW(n, CASE WHEN n % 3 > 0 THEN 'a \"quoted\", text' END)::pair", ['(,"")']),
    ("positive", "n", [1]),
]
MADE = ("CREATE TYPE mood AS ENUM ('fine', 'so, so', 'bad'); CREATE TYPE pair AS (a int, b text);"
        "CREATE DOMAIN positive AS int CHECK (VALUE > 0);")
DIGEST = ("SELECT count(*), sum(hashtextextended(id || ' ' || coalesce(value::text, 'null'), 0)) "
          "FROM {}")


@pytest.mark.timeout(600)
def test_every_type_arrives_unchanged(database, make_table, make_daemon):
    target = make_table("t0")
    for made in (database, target.database):
        made.execute(MADE)
    jobs = ""
    for place, (name, expression, extremes) in enumerate(TYPES):
        database.execute(f"CREATE TABLE t{place} (id int PRIMARY KEY, value {name});"
                         f"INSERT INTO t{place} SELECT n, {expression.replace('%', '%%')} "
                         f"FROM generate_series(1, {ROWS}) n", ())
        for number, extreme in enumerate([None, *extremes]):
            database.execute(f"INSERT INTO t{place} VALUES (%s, %s)",
                             (-number, extreme if extreme is None else str(extreme)))
        jobs += (f"  j{place}:\n    source: {{connection: shop, table: t{place}}}\n"
                 f"    sink: {{connection: target, table: t{place}}}\n    schedule: manual\n")
    # Types of the database's own stand there before; a table is not made with them.
    for place, (name, _, _) in enumerate(TYPES):
        if name in ("mood", "pair", "positive"):
            target.database.execute(f"CREATE TABLE t{place} (id int PRIMARY KEY, value {name})")
    daemon = make_daemon(
        f"  shop: {{type: postgres, dsn: \"{database.dsn}\"}}\n" + target.connection(), jobs)
    different = []
    for place, (name, _, _) in enumerate(TYPES):
        # The second time everything goes through the staging table, and nothing changes.
        for more in ([], ["--full"]):
            run = command("run", "--config", daemon.config, f"j{place}", *more)
            assert run.returncode == 0, f"{name}: {run.stderr}"
            table = f"t{place}"
            ours = target.database.rows(DIGEST.format(table))
            if ours != database.rows(DIGEST.format(table)):
                different.append((name, more))
        made = target.database.value("SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
                                     "WHERE attrelid = %s::regclass AND attname = 'value'",
                                     (f"t{place}",))
        there = database.value("SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
                               "WHERE attrelid = %s::regclass AND attname = 'value'",
                               (f"t{place}",))
        assert made == there, name
        changed = target.database.value(f"SELECT count(DISTINCT xmin::text) FROM t{place}")
        assert changed <= ROWS / 20_000 + 3, f"{name}: written again"
    assert different == []
